"""Further lines of which only the teacher's tune is used (durations, F0, energy): more_texts.py TEXTS_FOLDER TEXTS_TSV > more-texts.tsv (id, kind, source, text).

All lines of TEXTS_TSV (texts.py) that the recordings may lack, transcripts of LJ Speech, and own questions, choices, lists, parentheses and prompts.
"""

import random
import sys
from pathlib import Path

random.seed(20261130)
pick = random.choice
NAMES = "Anna Ben Carlos Diana Ethan Fiona Grace Henry Isabel Jack Karen Liam Maria Nathan Olivia Peter Rachel Samuel Theresa Victor Wendy Yvonne Zoe Omar Tom Lucy Alex Emma Noah".split()
THINGS = "order,package,appointment,invoice,subscription,reservation,refund,application,claim,delivery,ticket,account,password,payment,shipment,report,contract,card,bag,room,car,phone,key,letter,message,door,window,meeting,lesson,flight".split(",")
PLACES = "Boston,Chicago,the office,the station,the airport,the bank,the library,London,Paris,Seoul,the hotel,the park,the hospital,the market,school,the main entrance,the second floor".split(",")
FOODS = "apples,bread,coffee,milk,eggs,rice,chicken,salad,soup,tea,cheese,bananas,tomatoes,pasta,yogurt,olives,mushrooms,butter,honey,noodles,fish,cake,sugar,potatoes".split(",")
TIMES = "today,tomorrow,tonight,on Monday,on Friday,next week,this afternoon,in the morning,at noon,at six,right now,later".split(",")
VERBS = "call,visit,see,help,ask,find,meet,know,remember,follow,believe,trust".split(",")
ACTIONS = "leave,start,come back,pay,wait,try again,go home,sign in,open the door,change the date,send the letter,cancel the order,talk to an agent,hear the menu,book a table,check the balance".split(",")
STATES = "ready,late,open,closed,safe,busy,free,cold,hungry,sure,alone,correct,full,broken,available,included,serious,expensive".split(",")
THEY = "you,they,we,he,she".split(",")
be = lambda who: "is" if who in ("he", "she") else "are"
does = lambda who: "does" if who in ("he", "she") else "do"
cap = lambda s: s[0].upper() + s[1:]


def two(words):
    return random.sample(words, 2)


def listed(words, last=None):
    chosen = random.sample(words, random.randint(3, 6))
    return ", ".join(chosen[:-1]) + pick([", and ", " and "]) + chosen[-1]


def yes_no():
    who, name, thing = pick(THEY), pick(NAMES), pick(THINGS)
    return pick([
        lambda: f"{cap(be(who))} {who} {pick(STATES)}?", lambda: f"{cap(does(who))} {who} want to {pick(ACTIONS)}?", lambda: f"Can {pick(['I', 'you', 'we', name])} {pick(ACTIONS)} {pick(TIMES)}?",
        lambda: f"Is the {thing} {pick(STATES)}?", lambda: f"Is your {thing} at {pick(PLACES)}?", lambda: f"Did {pick(['you', name])} {pick(VERBS)} {pick(NAMES)} {pick(['yesterday', 'last week', 'this morning'])}?",
        lambda: f"Have you {pick(['seen', 'found', 'lost', 'paid for', 'asked about', 'forgotten'])} {pick(['my', 'your', 'the'])} {thing}?", lambda: f"Will {pick([who, name])} be {pick(STATES)} {pick(TIMES)}?",
        lambda: f"Would you like to {pick(ACTIONS)}?", lambda: f"Could you {pick(VERBS)} {pick(['me', name, 'them'])}, please?", lambda: f"Should {pick(['I', 'we'])} {pick(ACTIONS)}?", lambda: f"Are there any {pick(FOODS)} left?",
        lambda: f"Was the {thing} {pick(STATES)} {pick(['when you came', 'yesterday', 'before'])}?", lambda: f"May I {pick(['speak to', 'see', 'help', 'call'])} {name}?", lambda: f"Do you know if the {thing} is {pick(STATES)}?",
        lambda: f"{cap(pick(STATES))}?", lambda: f"{name}?", lambda: f"You {pick(['lost', 'sold', 'found', 'forgot'])} the {thing}?", lambda: f"Is it true that {name} will {pick(ACTIONS)}?", lambda: f"Is {name} from {pick(PLACES)}?",
        lambda: f"Does the {thing} come with {pick(FOODS)}?", lambda: f"Has the {thing} arrived at {pick(PLACES)}?", lambda: f"Are you still there?", lambda: f"Isn't that your {thing}?", lambda: f"Don't you {pick(VERBS)} {name}?",
    ])()  # fmt: skip


def wh():
    name, thing = pick(NAMES), pick(THINGS)
    return pick([
        lambda: f"Where is {pick(['the', 'my', 'your'])} {thing}?", lambda: f"When will {pick([name, 'you', 'the ' + thing])} {pick(['arrive', 'be ready', 'come', 'leave'])}?", lambda: f"Why {pick(['is', 'was'])} the {thing} {pick(STATES)}?",
        lambda: f"Who {pick(['took', 'sent', 'opened', 'paid for', 'wrote'])} the {thing}?", lambda: f"What did {pick([name, 'you', 'they'])} {pick(['say', 'want', 'find', 'buy'])} at {pick(PLACES)}?", lambda: f"How can I {pick(ACTIONS)}?",
        lambda: f"How much does the {thing} cost?", lambda: f"How many {pick(FOODS)} did {name} eat?", lambda: f"Which {thing} is yours?", lambda: f"What time does the {thing} start?", lambda: f"How long will it take to {pick(ACTIONS)}?",
        lambda: f"Whose {thing} is this?", lambda: f"What is your {pick(['name', 'address', 'number', 'date of birth', 'favorite color'])}?", lambda: f"Why didn't you {pick(ACTIONS)}?", lambda: f"How are you {pick(TIMES)}?", lambda: "What happened?",
        lambda: f"Where did {name} put the {pick(FOODS)}?",
    ])()  # fmt: skip


def choice():
    return pick([
        lambda: "Would you like {} or {}?".format(*two(FOODS)), lambda: "Is it {} or {}?".format(*two(STATES)), lambda: "Should we meet at {} or at {}?".format(*two(PLACES)), lambda: "Do you want to {} or {}?".format(*two(ACTIONS)),
        lambda: "Did {} or {} call?".format(*two(NAMES)), lambda: "Was that the {} or the {}?".format(*two(THINGS)), lambda: "Are you leaving {} or {}?".format(*two(TIMES)),
    ])()  # fmt: skip


def aside():
    name, thing = pick(NAMES), pick(THINGS)
    return pick([
        lambda: f"The {thing}, {pick(['as you know', 'I think', 'by the way', 'of course', 'it seems'])}, is {pick(STATES)}.", lambda: f"{name}, {pick(['the new manager', 'my neighbor', 'a friend of ours', 'our guide'])}, will {pick(ACTIONS)} {pick(TIMES)}.",
        lambda: f"If the {thing} is {pick(STATES)}, please {pick(ACTIONS)}.", lambda: f"When {name} arrives, we will {pick(ACTIONS)}.", lambda: f"However, the {thing} is not {pick(STATES)}.", lambda: f"I wanted to {pick(ACTIONS)}, but the {thing} was {pick(STATES)}.",
        lambda: f"Before you {pick(ACTIONS)}, make sure that the {thing} is {pick(STATES)}.",
    ])()  # fmt: skip


def main() -> None:
    folder, first = Path(sys.argv[1]), Path(sys.argv[2])
    spoken = [line.split("\t") for line in first.read_text().splitlines()]
    known = {row[3] for row in spoken}
    rows = [tuple(row[1:4]) for row in spoken]
    lj = [line.strip() for line in (folder / "lj_sentences.txt").read_text().splitlines() if 20 < len(line) < 140 and line.strip()[-1] in ".?!,;"]
    rows += [("narrative", "LJ Speech transcripts, public domain", t) for t in random.sample([t for t in lj if t not in known], 2200)]
    made = set()
    for kind, make, count in (("yes-no", yes_no, 900), ("wh", wh, 450), ("choice", choice, 200), ("aside", aside, 350)):
        lines = {make() for _ in range(2 * count)} - known - made
        made |= lines
        rows += [(kind, "own", t) for t in random.sample(sorted(lines), min(count, len(lines)))]
    lists = {cap(pick(["", "", "we have ", "I bought ", "she likes "]) + listed(pick([FOODS, THINGS, NAMES]))) + "." for _ in range(250)}
    rows += [("list", "own", t) for t in sorted(lists)]
    words = sorted({cap(w) for w in THINGS + FOODS + STATES + NAMES + VERBS} | {cap(w) for w in ACTIONS})
    rows += [("short", "own", w + pick([".", ".", "!", "?"])) for w in words]
    random.shuffle(rows)
    for i, (kind, source, text) in enumerate(rows):
        print(f"u{i:05d}\t{kind}\t{source}\t{text}")


if __name__ == "__main__":
    main()
