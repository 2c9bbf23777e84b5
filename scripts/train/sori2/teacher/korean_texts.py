"""The Korean lines: `korean_texts.py TEXTS_KO OUT` writes OUT/texts.tsv (to be recorded), OUT/more.tsv (without audio) and OUT/held-out.tsv, each with id, kind, source and text.

Held out are 60 sentences of ivr_ko_own.txt, of which none is in the other two, and 40 everyday prompts."""

import csv
import random
import re
import sys
from pathlib import Path

NAMES = "김민수 이지영 박서준 최은지 정하늘 강도윤 조예린 윤태호 임수빈 한지우 오세훈 신유나 권혁 황보라 송가인 안재현".split()
CITIES = "서울 부산 대구 인천 광주 대전 울산 수원 제주 강릉 전주 춘천 청주 포항 여수 경주 속초 목포".split()
FOODS = "사과 배 우유 빵 달걀 쌀 김치 커피 두부 양파 당근 오이 고기 라면 국수 포도 딸기 감자 생선 설탕 소금 꿀 버섯 치즈".split()
THINGS = "예약 주문 배송 결제 계좌 카드 비밀번호 영수증 상품 일정 요금 진료 환불 쿠폰 좌석 회의".split()
COLORS = "빨간색 파란색 노란색 초록색 하얀색 검은색 보라색 분홍색 회색 주황색".split()
DAYS = [f"{d}요일" for d in "월화수목금토일"]
ROOMS = "거실 주방 안방 욕실 현관 서재 베란다 차고 복도".split()
WORDS = """네 아니요 안녕 고마워요 감사합니다 죄송합니다 미안해요 좋아요 싫어요 괜찮아요 확인 취소 다음 이전 시작 종료 잠깐만요 여보세요 어서오세요 안녕하세요 안녕히계세요 반갑습니다 알겠습니다 그렇습니다 아닙니다
천만에요 물론이죠 글쎄요 정말 맞아요 틀렸어요 다시 조용히 빨리 천천히 조심해요 축하합니다 환영합니다 수고하셨습니다 왼쪽 오른쪽 위 아래 앞 뒤 열림 닫힘 켜짐 꺼짐 완료 실패 오류 연결 소리 목소리 하늘 바다 나무 사람 학교 병원 은행
경찰서 소방서 지하철 버스 택시 비행기 기차 자동차 전화 컴퓨터 아침 점심 저녁 오늘 내일 어제 봄 여름 가을 겨울 뿌리 꼬리 떡볶이 찌개 쓰레기 빨래 토끼 딸기 까치 쌍둥이 짜장면 코끼리 콩나물 치마 침대 탁자 파도 포장 하루 흙 닭 값 꽃 밖 부엌 읽다 없다 앉다 많다 싫다 밟다 의사
희망 주의 회의 귀 쥐 위치 뇌 외국 왜 웬일 돼지 원숭이 얘기 예의 야구 여우 요리 유리""".split()
PATTERNS = dict(
    prompt=[
        "{n} 고객님, {t} 내역을 확인해 드리겠습니다.", "{c}행 열차가 {d}번 승강장으로 들어오고 있습니다.", "{t} 관련 문의는 {d}번을 눌러 주세요.", "고객님의 {t} 신청이 접수되었습니다.", "잔액은 {money}원입니다.",
        "인증 번호는 {code}입니다.", "{n} 님께서 {hour}시 {minute}분에 전화하셨습니다.", "{month}월 {day}일 {w} {ap} {hour}시에 방문하실 수 있습니다.", "앞에 {d}명의 고객님이 기다리고 계십니다.", "연락처는 {phone}입니다.",
        "{c}의 현재 기온은 {deg}도이고, 비 올 확률은 {d}0퍼센트입니다.", "이번 역은 {c}역입니다.", "{r} 불을 껐습니다.", "{r} 온도를 {deg}도로 맞췄습니다.", "{hour}시 {minute}분에 알람을 맞췄어요.", "{f} {d}개를 장바구니에 담았습니다.",
        "총 {d}만 {d}천 원이 결제되었습니다.", "{c}까지 {d}시간 {minute}분 걸립니다.", "{deg}층에서 내려 주세요.", "배터리가 {deg}퍼센트 남았습니다.", "새 메시지가 {d}개 있습니다.", "{n} 선생님은 지금 통화 중이십니다.",
        "약은 하루 {d}번, 식사 후 삼십 분 뒤에 드세요.", "{d}백 미터 앞에서 {lr}으로 도세요.", "{w}은 휴관일이니 다른 날 찾아 주시기 바랍니다.", "{t} 번호 {code}번을 찾았습니다.", "{ap} {hour}시 회의가 {hour}시 {minute}분으로 바뀌었습니다.",
    ],
    question=[
        "{t} 변경을 원하시나요?", "{c}에서 출발하시나요?", "{t} 내역을 다시 들으시겠습니까?", "{f} {d}개 맞으십니까?", "{n} 님 맞으신가요?", "{hour}시에 만날까요?", "{f} 좋아하세요?", "{r} 불을 켤까요?", "오늘 {c}에 비가 와요?", "{w}에 시간 있으세요?",
        "{t}는 언제 도착하나요?", "{c}까지 얼마나 걸려요?", "누가 {f}를 먹었어요?", "{t}는 어디에서 하나요?", "왜 {t}이 안 되죠?", "몇 분이 오시나요?", "어떤 색을 찾으세요?", "{t}는 어떻게 바꾸나요?", "무엇을 도와 드릴까요?", "{c}에 가 본 적 있어요?",
        "더 필요한 것은 없으십니까?", "지금 결제하시겠어요?", "{n} 씨, 벌써 끝났어요?", "{f}도 같이 살까요?", "그 이야기 들었니?", "{month}월 {day}일이 괜찮으신가요?",
    ],
    list=["{fs}.", "{fs}를 샀어요.", "{cs}에서 만날 수 있습니다.", "{os} 중에서 고르세요.", "{ds}에 문을 엽니다.", "{code}.", "{phone}.", "{t}, {t}, {t}은 {d}번을 눌러 주세요."],
    number=["{d}.", "{two}.", "{money}원.", "{two}번.", "{hour}시 {minute}분.", "{month}월 {day}일.", "{deg}퍼센트.", "{two}호.", "{d}개.", "{d}명.", "{deg}살.", "{d}층.", "{money}."],
)
PLAIN = re.compile(r"[가-힣0-9 ,.?!]+")


def fill(pattern: str, r: random.Random) -> str:
    digits = lambda n: "".join(str(r.randrange(10)) for _ in range(n))
    some = lambda words: ", ".join(r.sample(words, r.randint(3, 5)))
    values = dict(
        n=lambda: r.choice(NAMES), c=lambda: r.choice(CITIES), t=lambda: r.choice(THINGS), f=lambda: r.choice(FOODS), w=lambda: r.choice(DAYS), r=lambda: r.choice(ROOMS), d=lambda: str(r.randint(1, 9)), deg=lambda: str(r.randint(2, 99)),
        two=lambda: str(r.randint(10, 99)), hour=lambda: str(r.randint(1, 12)), minute=lambda: str(r.choice([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55])), month=lambda: str(r.randint(1, 12)), day=lambda: str(r.randint(1, 28)), ap=lambda: r.choice(["오전", "오후"]),
        lr=lambda: r.choice(["왼쪽", "오른쪽"]), money=lambda: f"{r.randint(1, 99)}{r.choice(['00', '000', '500', '0000', '45'])}", code=lambda: digits(r.randint(3, 6)), phone=lambda: f"010-{digits(4)}-{digits(4)}",
        fs=lambda: some(FOODS), cs=lambda: some(CITIES), os=lambda: some(COLORS), ds=lambda: some(DAYS),
    )  # fmt: skip
    return re.sub(r"\{(\w+)\}", lambda m: values[m[1]](), pattern)


def table(path: Path) -> list[dict]:
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def own(count: dict[str, int], r: random.Random) -> list[tuple[str, str, str]]:
    lines = [("short", "own", word + ".") for word in WORDS]
    for kind, n in count.items():
        lines += [(kind, "own", text) for text in sorted({fill(PATTERNS[kind][i % len(PATTERNS[kind])], r) for i in range(n)})]
    return lines


def main() -> None:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    r = random.Random(16)
    syllables = lambda t: len(re.findall("[가-힣]", t))
    prompts = table(folder / "prompts_ko_everyday.tsv")
    source = lambda p: f"{p['source']} {p['author']}, {p['licence']}"
    ivr = (folder / "ivr_ko_own.txt").read_text(encoding="utf-8").splitlines()
    kept = [p for p in prompts[2500:] if 9 <= syllables(p["text"]) <= 24]
    held = [("ivr", "own, CC0", t) for t in ivr[::3][:60]] + [("everyday", source(p), p["text"]) for p in kept[:: len(kept) // 40][:40]]
    forbidden = {t for *_, t in held} | set(ivr)

    everyday = [("everyday", source(p), p["text"]) for p in prompts[:2400] if 6 <= syllables(p["text"]) <= 30]
    home = [("command", "home-assistant/intents, CC BY 4.0", p["text"]) for p in table(folder / "homeassistant_ko.tsv") if PLAIN.fullmatch(p["text"])]
    chat = [("chat", "songys/Chatbot_data, MIT", p["text"]) for p in table(folder / "chatbot_ko.tsv") if p["label"] == "0" and PLAIN.fullmatch(p["text"]) and 5 <= syllables(p["text"]) <= 26]
    tatoeba = [("tatoeba", f"tatoeba#{p['tatoeba_id']} {p['author']}, CC BY 2.0 FR", p["text"]) for p in table(folder / "tatoeba_ko.tsv") if PLAIN.fullmatch(p["text"]) and 5 <= syllables(p["text"]) <= 26]
    questions = [x for x in chat + tatoeba if x[2].endswith("?")]
    made = own(dict(prompt=400, question=300, list=160, number=120), r)
    for rows in (home, chat, tatoeba, questions, made):
        r.shuffle(rows)
    # Of every sixteen lines eight are everyday ones, which come in an order that is rich in sounds.
    seen = set(forbidden)

    def take(rows: list, n: int) -> list:
        got = []
        while rows and len(got) < n:
            row = rows.pop(0)
            if row[2] not in seen:
                seen.add(row[2])
                got.append(row)
        return got

    recorded = []
    while len(recorded) < 1600 and everyday:
        block = take(everyday, 8) + take(made, 5) + take(questions, 2) + take(home, 1)
        r.shuffle(block)
        recorded += block
    more = take(made, 800) + take(questions, 700) + take(tatoeba, 900) + take(chat, 1200) + take(home, 200)
    r.shuffle(more)
    for name, letter, rows in (("texts", "k", recorded), ("more", "n", more), ("held-out", "h", held)):
        (out / f"{name}.tsv").write_text("".join(f"{letter}{i:05d}\t{kind}\t{src}\t{' '.join(text.split())}\n" for i, (kind, src, text) in enumerate(rows)), encoding="utf-8")
        print(name, len(rows))


if __name__ == "__main__":
    main()
