/**
 * English short names of emoji and of the regions that flags stand for, in plain words: "1st" is "first".
 *
 * From the Unicode CLDR 48 annotations (packages cldr-annotations-full and cldr-annotations-derived-full),
 * Copyright (c) 1991-2026 Unicode, Inc., licence Unicode-3.0 (https://www.unicode.org/license.txt).
 */

/** `emoji name|…`, without variation selectors; single characters, and joined sequences that aren't people. */
export const EMOJI_NAMES = `
😀grinning face|😃grinning face with big eyes|😄grinning face with smiling eyes
😁beaming face with smiling eyes|😆grinning squinting face|😅grinning face with sweat
🤣rolling on the floor laughing|😂face with tears of joy|🙂slightly smiling face|🙃upside down face
🫠melting face|😉winking face|😊smiling face with smiling eyes|😇smiling face with halo
🥰smiling face with hearts|😍smiling face with heart eyes|🤩star struck|😘face blowing a kiss
😗kissing face|☺smiling face|😚kissing face with closed eyes|😙kissing face with smiling eyes
🥲smiling face with tear|😋face savoring food|😛face with tongue|😜winking face with tongue|🤪zany face
😝squinting face with tongue|🤑money mouth face|🤗smiling face with open hands
🤭face with hand over mouth|🫢face with open eyes and hand over mouth|🫣face with peeking eye
🤫shushing face|🤔thinking face|🫡saluting face|🤐zipper mouth face|🤨face with raised eyebrow
😐neutral face|😑expressionless face|😶face without mouth|🫥dotted line face|😏smirking face
😒unamused face|🙄face with rolling eyes|😬grimacing face|🤥lying face|🫨shaking face|😌relieved face
😔pensive face|😪sleepy face|🤤drooling face|😴sleeping face|🫩face with bags under eyes
😷face with medical mask|🤒face with thermometer|🤕face with head bandage|🤢nauseated face
🤮face vomiting|🤧sneezing face|🥵hot face|🥶cold face|🥴woozy face|😵face with crossed out eyes
🤯exploding head|🤠cowboy hat face|🥳partying face|🥸disguised face|😎smiling face with sunglasses
🤓nerd face|🧐face with monocle|😕confused face|🫤face with diagonal mouth|😟worried face
🙁slightly frowning face|☹frowning face|😮face with open mouth|😯hushed face|😲astonished face
😳flushed face|🫪distorted face|🥺pleading face|🥹face holding back tears|😦frowning face with open mouth
😧anguished face|😨fearful face|😰anxious face with sweat|😥sad but relieved face|😢crying face
😭loudly crying face|😱face screaming in fear|😖confounded face|😣persevering face|😞disappointed face
😓downcast face with sweat|😩weary face|😫tired face|🥱yawning face|😤face with steam from nose
😡enraged face|😠angry face|🤬face with symbols on mouth|😈smiling face with horns
👿angry face with horns|💀skull|☠skull and crossbones|💩pile of poo|🤡clown face|👹ogre|👺goblin|👻ghost
👽alien|👾alien monster|🤖robot|😺grinning cat|😸grinning cat with smiling eyes|😹cat with tears of joy
😻smiling cat with heart eyes|😼cat with wry smile|😽kissing cat|🙀weary cat|😿crying cat|😾pouting cat
🙈see no evil monkey|🙉hear no evil monkey|🙊speak no evil monkey|💌love letter|💘heart with arrow
💝heart with ribbon|💖sparkling heart|💗growing heart|💓beating heart|💞revolving hearts|💕two hearts
💟heart decoration|❣heart exclamation|💔broken heart|❤red heart|🩷pink heart|🧡orange heart
💛yellow heart|💚green heart|💙blue heart|🩵light blue heart|💜purple heart|🤎brown heart|🖤black heart
🩶grey heart|🤍white heart|💋kiss mark|💯hundred points|💢anger symbol|🫯fight cloud|💥collision|💫dizzy
💦sweat droplets|💨dashing away|🕳hole|💬speech balloon|🗨left speech bubble|🗯right anger bubble
💭thought balloon|💤zzz|👋waving hand|🤚raised back of hand|🖐hand with fingers splayed|✋raised hand
🖖vulcan salute|🫱rightwards hand|🫲leftwards hand|🫳palm down hand|🫴palm up hand
🫷leftwards pushing hand|🫸rightwards pushing hand|👌ok hand|🤌pinched fingers|🤏pinching hand
✌victory hand|🤞crossed fingers|🫰hand with index finger and thumb crossed|🤟love you gesture
🤘sign of the horns|🤙call me hand|👈backhand index pointing left|👉backhand index pointing right
👆backhand index pointing up|🖕middle finger|👇backhand index pointing down|☝index pointing up
🫵index pointing at the viewer|👍thumbs up|👎thumbs down|✊raised fist|👊oncoming fist|🤛left facing fist
🤜right facing fist|👏clapping hands|🙌raising hands|🫶heart hands|👐open hands|🤲palms up together
🤝handshake|🙏folded hands|✍writing hand|💅nail polish|🤳selfie|💪flexed biceps|🦾mechanical arm
🦿mechanical leg|🦵leg|🦶foot|👂ear|🦻ear with hearing aid|👃nose|🧠brain|🫀anatomical heart|🫁lungs
🦷tooth|🦴bone|👀eyes|👁eye|👅tongue|👄mouth|🫦biting lip|👶baby|🧒child|👦boy|👧girl|🧑person
👱person blond hair|👨man|🧔person beard|👩woman|🧓older person|👴old man|👵old woman|🙍person frowning
🙎person pouting|🙅person gesturing no|🙆person gesturing ok|💁person tipping hand|🙋person raising hand
🧏deaf person|🙇person bowing|🤦person facepalming|🤷person shrugging|👮police officer|🕵detective
💂guard|🥷ninja|👷construction worker|🫅person with crown|🤴prince|👸princess|👳person wearing turban
👲person with skullcap|🧕woman with headscarf|🤵person in tuxedo|👰person with veil|🤰pregnant woman
🫃pregnant man|🫄pregnant person|🤱breast feeding|👼baby angel|🎅santa claus|🤶mrs claus|🦸superhero
🦹supervillain|🧙mage|🧚fairy|🧛vampire|🧜merperson|🧝elf|🧞genie|🧟zombie|🧌troll|🫈hairy creature
💆person getting massage|💇person getting haircut|🚶person walking|🧍person standing|🧎person kneeling
🏃person running|💃woman dancing|🕺man dancing|🕴person in suit levitating|👯people with bunny ears
🧖person in steamy room|🧗person climbing|🤺person fencing|🏇horse racing|⛷skier|🏂snowboarder
🏌person golfing|🏄person surfing|🚣person rowing boat|🏊person swimming|⛹person bouncing ball
🏋person lifting weights|🚴person biking|🚵person mountain biking|🤸person cartwheeling
🤼people wrestling|🤽person playing water polo|🤾person playing handball|🤹person juggling
🧘person in lotus position|🛀person taking bath|🛌person in bed|👭women holding hands
👫woman and man holding hands|👬men holding hands|💏kiss|💑couple with heart|🗣speaking head
👤bust in silhouette|👥busts in silhouette|🫂people hugging|👪family|👣footprints|🫆fingerprint
🐵monkey face|🐒monkey|🦍gorilla|🦧orangutan|🐶dog face|🐕dog|🦮guide dog|🐩poodle|🐺wolf|🦊fox|🦝raccoon
🐱cat face|🐈cat|🦁lion|🐯tiger face|🐅tiger|🐆leopard|🐴horse face|🫎moose|🫏donkey|🐎horse|🦄unicorn
🦓zebra|🦌deer|🦬bison|🐮cow face|🐂ox|🐃water buffalo|🐄cow|🐷pig face|🐖pig|🐗boar|🐽pig nose|🐏ram
🐑ewe|🐐goat|🐪camel|🐫two hump camel|🦙llama|🦒giraffe|🐘elephant|🦣mammoth|🦏rhinoceros|🦛hippopotamus
🐭mouse face|🐁mouse|🐀rat|🐹hamster|🐰rabbit face|🐇rabbit|🐿chipmunk|🦫beaver|🦔hedgehog|🦇bat|🐻bear
🐨koala|🐼panda|🦥sloth|🦦otter|🦨skunk|🦘kangaroo|🦡badger|🐾paw prints|🦃turkey|🐔chicken|🐓rooster
🐣hatching chick|🐤baby chick|🐥front facing baby chick|🐦bird|🐧penguin|🕊dove|🦅eagle|🦆duck|🦢swan
🦉owl|🦤dodo|🪶feather|🦩flamingo|🦚peacock|🦜parrot|🪽wing|🪿goose|🐸frog|🐊crocodile|🐢turtle|🦎lizard
🐍snake|🐲dragon face|🐉dragon|🦕sauropod|🦖t rex|🐳spouting whale|🐋whale|🐬dolphin|🫍orca|🦭seal|🐟fish
🐠tropical fish|🐡blowfish|🦈shark|🐙octopus|🐚spiral shell|🪸coral|🪼jellyfish|🦀crab|🦞lobster|🦐shrimp
🦑squid|🦪oyster|🐌snail|🦋butterfly|🐛bug|🐜ant|🐝honeybee|🪲beetle|🐞lady beetle|🦗cricket|🪳cockroach
🕷spider|🕸spider web|🦂scorpion|🦟mosquito|🪰fly|🪱worm|🦠microbe|💐bouquet|🌸cherry blossom
💮white flower|🪷lotus|🏵rosette|🌹rose|🥀wilted flower|🌺hibiscus|🌻sunflower|🌼blossom|🌷tulip
🪻hyacinth|🌱seedling|🪴potted plant|🌲evergreen tree|🌳deciduous tree|🌴palm tree|🌵cactus
🌾sheaf of rice|🌿herb|☘shamrock|🍀four leaf clover|🍁maple leaf|🍂fallen leaf|🍃leaf fluttering in wind
🪹empty nest|🪺nest with eggs|🍄mushroom|🪾leafless tree|🍇grapes|🍈melon|🍉watermelon|🍊tangerine
🍋lemon|🍌banana|🍍pineapple|🥭mango|🍎red apple|🍏green apple|🍐pear|🍑peach|🍒cherries|🍓strawberry
🫐blueberries|🥝kiwi fruit|🍅tomato|🫒olive|🥥coconut|🥑avocado|🍆eggplant|🥔potato|🥕carrot
🌽ear of corn|🌶hot pepper|🫑bell pepper|🥒cucumber|🥬leafy green|🥦broccoli|🧄garlic|🧅onion|🥜peanuts
🫘beans|🌰chestnut|🫚ginger root|🫛pea pod|🫜root vegetable|🍞bread|🥐croissant|🥖baguette bread
🫓flatbread|🥨pretzel|🥯bagel|🥞pancakes|🧇waffle|🧀cheese wedge|🍖meat on bone|🍗poultry leg
🥩cut of meat|🥓bacon|🍔hamburger|🍟french fries|🍕pizza|🌭hot dog|🥪sandwich|🌮taco|🌯burrito|🫔tamale
🥙stuffed flatbread|🧆falafel|🥚egg|🍳cooking|🥘shallow pan of food|🍲pot of food|🫕fondue
🥣bowl with spoon|🥗green salad|🍿popcorn|🧈butter|🧂salt|🥫canned food|🍱bento box|🍘rice cracker
🍙rice ball|🍚cooked rice|🍛curry rice|🍜steaming bowl|🍝spaghetti|🍠roasted sweet potato|🍢oden|🍣sushi
🍤fried shrimp|🍥fish cake with swirl|🥮moon cake|🍡dango|🥟dumpling|🥠fortune cookie|🥡takeout box
🍦soft ice cream|🍧shaved ice|🍨ice cream|🍩doughnut|🍪cookie|🎂birthday cake|🍰shortcake|🧁cupcake|🥧pie
🍫chocolate bar|🍬candy|🍭lollipop|🍮custard|🍯honey pot|🍼baby bottle|🥛glass of milk|☕hot beverage
🫖teapot|🍵teacup without handle|🍶sake|🍾bottle with popping cork|🍷wine glass|🍸cocktail glass
🍹tropical drink|🍺beer mug|🍻clinking beer mugs|🥂clinking glasses|🥃tumbler glass|🫗pouring liquid
🥤cup with straw|🧋bubble tea|🧃beverage box|🧉mate|🧊ice|🥢chopsticks|🍽fork and knife with plate
🍴fork and knife|🥄spoon|🔪kitchen knife|🫙jar|🏺amphora|🌍globe showing europe africa
🌎globe showing americas|🌏globe showing asia australia|🌐globe with meridians|🗺world map|🗾map of japan
🧭compass|🏔snow capped mountain|⛰mountain|🛘landslide|🌋volcano|🗻mount fuji|🏕camping
🏖beach with umbrella|🏜desert|🏝desert island|🏞national park|🏟stadium|🏛classical building
🏗building construction|🧱brick|🪨rock|🪵wood|🛖hut|🏘houses|🏚derelict house|🏠house|🏡house with garden
🏢office building|🏣japanese post office|🏤post office|🏥hospital|🏦bank|🏨hotel|🏩love hotel
🏪convenience store|🏫school|🏬department store|🏭factory|🏯japanese castle|🏰castle|💒wedding
🗼tokyo tower|🗽statue of liberty|⛪church|🕌mosque|🛕hindu temple|🕍synagogue|⛩shinto shrine|🕋kaaba
⛲fountain|⛺tent|🌁foggy|🌃night with stars|🏙cityscape|🌄sunrise over mountains|🌅sunrise
🌆cityscape at dusk|🌇sunset|🌉bridge at night|♨hot springs|🎠carousel horse|🛝playground slide
🎡ferris wheel|🎢roller coaster|💈barber pole|🎪circus tent|🚂locomotive|🚃railway car|🚄high speed train
🚅bullet train|🚆train|🚇metro|🚈light rail|🚉station|🚊tram|🚝monorail|🚞mountain railway|🚋tram car
🚌bus|🚍oncoming bus|🚎trolleybus|🚐minibus|🚑ambulance|🚒fire engine|🚓police car|🚔oncoming police car
🚕taxi|🚖oncoming taxi|🚗automobile|🚘oncoming automobile|🚙sport utility vehicle|🛻pickup truck
🚚delivery truck|🚛articulated lorry|🚜tractor|🏎racing car|🏍motorcycle|🛵motor scooter
🦽manual wheelchair|🦼motorized wheelchair|🛺auto rickshaw|🚲bicycle|🛴kick scooter|🛹skateboard
🛼roller skate|🚏bus stop|🛣motorway|🛤railway track|🛢oil drum|⛽fuel pump|🛞wheel|🚨police car light
🚥horizontal traffic light|🚦vertical traffic light|🛑stop sign|🚧construction|⚓anchor|🛟ring buoy
⛵sailboat|🛶canoe|🚤speedboat|🛳passenger ship|⛴ferry|🛥motor boat|🚢ship|✈airplane|🛩small airplane
🛫airplane departure|🛬airplane arrival|🪂parachute|💺seat|🚁helicopter|🚟suspension railway
🚠mountain cableway|🚡aerial tramway|🛰satellite|🚀rocket|🛸flying saucer|🛎bellhop bell|🧳luggage
⌛hourglass done|⏳hourglass not done|⌚watch|⏰alarm clock|⏱stopwatch|⏲timer clock|🕰mantelpiece clock
🕛twelve o'clock|🕧twelve thirty|🕐one o'clock|🕜one thirty|🕑two o'clock|🕝two thirty|🕒three o'clock
🕞three thirty|🕓four o'clock|🕟four thirty|🕔five o'clock|🕠five thirty|🕕six o'clock|🕡six thirty
🕖seven o'clock|🕢seven thirty|🕗eight o'clock|🕣eight thirty|🕘nine o'clock|🕤nine thirty|🕙ten o'clock
🕥ten thirty|🕚eleven o'clock|🕦eleven thirty|🌑new moon|🌒waxing crescent moon|🌓first quarter moon
🌔waxing gibbous moon|🌕full moon|🌖waning gibbous moon|🌗last quarter moon|🌘waning crescent moon
🌙crescent moon|🌚new moon face|🌛first quarter moon face|🌜last quarter moon face|🌡thermometer|☀sun
🌝full moon face|🌞sun with face|🪐ringed planet|⭐star|🌟glowing star|🌠shooting star|🌌milky way|☁cloud
⛅sun behind cloud|⛈cloud with lightning and rain|🌤sun behind small cloud|🌥sun behind large cloud
🌦sun behind rain cloud|🌧cloud with rain|🌨cloud with snow|🌩cloud with lightning|🌪tornado|🌫fog
🌬wind face|🌀cyclone|🌈rainbow|🌂closed umbrella|☂umbrella|☔umbrella with rain drops|⛱umbrella on ground
⚡high voltage|❄snowflake|☃snowman|⛄snowman without snow|☄comet|🔥fire|💧droplet|🌊water wave
🎃jack o lantern|🎄christmas tree|🎆fireworks|🎇sparkler|🧨firecracker|✨sparkles|🎈balloon|🎉party popper
🎊confetti ball|🎋tanabata tree|🎍pine decoration|🎎japanese dolls|🎏carp streamer|🎐wind chime
🎑moon viewing ceremony|🧧red envelope|🎀ribbon|🎁wrapped gift|🎗reminder ribbon|🎟admission tickets
🎫ticket|🎖military medal|🏆trophy|🏅sports medal|🥇first place medal|🥈second place medal
🥉third place medal|⚽soccer ball|⚾baseball|🥎softball|🏀basketball|🏐volleyball|🏈american football
🏉rugby football|🎾tennis|🥏flying disc|🎳bowling|🏏cricket game|🏑field hockey|🏒ice hockey|🥍lacrosse
🏓ping pong|🏸badminton|🥊boxing glove|🥋martial arts uniform|🥅goal net|⛳flag in hole|⛸ice skate
🎣fishing pole|🤿diving mask|🎽running shirt|🎿skis|🛷sled|🥌curling stone|🎯bullseye|🪀yo yo|🪁kite
🔫water pistol|🎱pool eight ball|🔮crystal ball|🪄magic wand|🎮video game|🕹joystick|🎰slot machine
🎲game die|🧩puzzle piece|🧸teddy bear|🪅pinata|🪩mirror ball|🪆nesting dolls|♠spade suit|♥heart suit
♦diamond suit|♣club suit|♟chess pawn|🃏joker|🀄mahjong red dragon|🎴flower playing cards
🎭performing arts|🖼framed picture|🎨artist palette|🧵thread|🪡sewing needle|🧶yarn|🪢knot|👓glasses
🕶sunglasses|🥽goggles|🥼lab coat|🦺safety vest|👔necktie|👕t shirt|👖jeans|🧣scarf|🧤gloves|🧥coat
🧦socks|👗dress|👘kimono|🥻sari|🩱one piece swimsuit|🩲briefs|🩳shorts|👙bikini|👚woman's clothes
🪭folding hand fan|👛purse|👜handbag|👝clutch bag|🛍shopping bags|🎒backpack|🩴thong sandal|👞man's shoe
👟running shoe|🥾hiking boot|🥿flat shoe|👠high heeled shoe|👡woman's sandal|🩰ballet shoes
👢woman's boot|🪮hair pick|👑crown|👒woman's hat|🎩top hat|🎓graduation cap|🧢billed cap
🪖military helmet|⛑rescue worker's helmet|📿prayer beads|💄lipstick|💍ring|💎gem stone|🔇muted speaker
🔈speaker low volume|🔉speaker medium volume|🔊speaker high volume|📢loudspeaker|📣megaphone
📯postal horn|🔔bell|🔕bell with slash|🎼musical score|🎵musical note|🎶musical notes|🎙studio microphone
🎚level slider|🎛control knobs|🎤microphone|🎧headphone|📻radio|🎷saxophone|🎺trumpet|🪊trombone
🪗accordion|🎸guitar|🎹musical keyboard|🎻violin|🪕banjo|🥁drum|🪘long drum|🪇maracas|🪈flute|🪉harp
📱mobile phone|📲mobile phone with arrow|☎telephone|📞telephone receiver|📟pager|📠fax machine|🔋battery
🪫low battery|🔌electric plug|💻laptop|🖥desktop computer|🖨printer|⌨keyboard|🖱computer mouse
🖲trackball|💽computer disk|💾floppy disk|💿optical disk|📀dvd|🧮abacus|🎥movie camera|🎞film frames
📽film projector|🎬clapper board|📺television|📷camera|📸camera with flash|📹video camera|📼videocassette
🔍magnifying glass tilted left|🔎magnifying glass tilted right|🕯candle|💡light bulb|🔦flashlight
🏮red paper lantern|🪔diya lamp|📔notebook with decorative cover|📕closed book|📖open book|📗green book
📘blue book|📙orange book|📚books|📓notebook|📒ledger|📃page with curl|📜scroll|📄page facing up
📰newspaper|🗞rolled up newspaper|📑bookmark tabs|🔖bookmark|🏷label|🪙coin|💰money bag|🪎treasure chest
💴yen banknote|💵dollar banknote|💶euro banknote|💷pound banknote|💸money with wings|💳credit card
🧾receipt|💹chart increasing with yen|✉envelope|📧e mail|📨incoming envelope|📩envelope with arrow
📤outbox tray|📥inbox tray|📦package|📫closed mailbox with raised flag|📪closed mailbox with lowered flag
📬open mailbox with raised flag|📭open mailbox with lowered flag|📮postbox|🗳ballot box with ballot
✏pencil|✒black nib|🖋fountain pen|🖊pen|🖌paintbrush|🖍crayon|📝memo|💼briefcase|📁file folder
📂open file folder|🗂card index dividers|📅calendar|📆tear off calendar|🗒spiral notepad
🗓spiral calendar|📇card index|📈chart increasing|📉chart decreasing|📊bar chart|📋clipboard|📌pushpin
📍round pushpin|📎paperclip|🖇linked paperclips|📏straight ruler|📐triangular ruler|✂scissors
🗃card file box|🗄file cabinet|🗑wastebasket|🔒locked|🔓unlocked|🔏locked with pen|🔐locked with key
🔑key|🗝old key|🔨hammer|🪓axe|⛏pick|⚒hammer and pick|🛠hammer and wrench|🗡dagger|⚔crossed swords|💣bomb
🪃boomerang|🏹bow and arrow|🛡shield|🪚carpentry saw|🔧wrench|🪛screwdriver|🔩nut and bolt|⚙gear|🗜clamp
⚖balance scale|🦯white cane|🔗link|⛓chains|🪝hook|🧰toolbox|🧲magnet|🪜ladder|🪏shovel|⚗alembic
🧪test tube|🧫petri dish|🧬dna|🔬microscope|🔭telescope|📡satellite antenna|💉syringe|🩸drop of blood
💊pill|🩹adhesive bandage|🩼crutch|🩺stethoscope|🩻x ray|🚪door|🛗elevator|🪞mirror|🪟window|🛏bed
🛋couch and lamp|🪑chair|🚽toilet|🪠plunger|🚿shower|🛁bathtub|🪤mouse trap|🪒razor|🧴lotion bottle
🧷safety pin|🧹broom|🧺basket|🧻roll of paper|🪣bucket|🧼soap|🫧bubbles|🪥toothbrush|🧽sponge
🧯fire extinguisher|🛒shopping cart|🚬cigarette|⚰coffin|🪦headstone|⚱funeral urn|🧿nazar amulet|🪬hamsa
🗿moai|🪧placard|🪪identification card|🏧atm sign|🚮litter in bin sign|🚰potable water|♿wheelchair symbol
🚹men's room|🚺women's room|🚻restroom|🚼baby symbol|🚾water closet|🛂passport control|🛃customs
🛄baggage claim|🛅left luggage|⚠warning|🚸children crossing|⛔no entry|🚫prohibited|🚳no bicycles
🚭no smoking|🚯no littering|🚱non potable water|🚷no pedestrians|📵no mobile phones
🔞no one under eighteen|☢radioactive|☣biohazard|⬆up arrow|↗up right arrow|➡right arrow|↘down right arrow
⬇down arrow|↙down left arrow|⬅left arrow|↖up left arrow|↕up down arrow|↔left right arrow
↩right arrow curving left|↪left arrow curving right|⤴right arrow curving up|⤵right arrow curving down
🔃clockwise vertical arrows|🔄counterclockwise arrows button|🔙back arrow|🔚end arrow|🔛on arrow
🔜soon arrow|🔝top arrow|🛐place of worship|⚛atom symbol|🕉om|✡star of david|☸wheel of dharma|☯yin yang
✝latin cross|☦orthodox cross|☪star and crescent|☮peace symbol|🕎menorah|🔯dotted six pointed star
🪯khanda|♈aries|♉taurus|♊gemini|♋cancer|♌leo|♍virgo|♎libra|♏scorpio|♐sagittarius|♑capricorn|♒aquarius
♓pisces|⛎ophiuchus|🔀shuffle tracks button|🔁repeat button|🔂repeat single button|▶play button
⏩fast forward button|⏭next track button|⏯play or pause button|◀reverse button|⏪fast reverse button
⏮last track button|🔼upwards button|⏫fast up button|🔽downwards button|⏬fast down button|⏸pause button
⏹stop button|⏺record button|⏏eject button|🎦cinema|🔅dim button|🔆bright button|📶antenna bars|🛜wireless
📳vibration mode|📴mobile phone off|♀female sign|♂male sign|⚧transgender symbol|✖multiply|➕plus|➖minus
➗divide|🟰heavy equals sign|♾infinity|❓red question mark|❔white question mark|❕white exclamation mark
❗red exclamation mark|💱currency exchange|💲heavy dollar sign|⚕medical symbol|♻recycling symbol
⚜fleur de lis|🔱trident emblem|📛name badge|🔰japanese symbol for beginner|⭕hollow red circle
✅check mark button|☑check box with check|✔check mark|❌cross mark|❎cross mark button|➰curly loop
➿double curly loop|〽part alternation mark|✳eight spoked asterisk|✴eight pointed star|❇sparkle|🫟splatter
🔟keycap ten|🔠input latin uppercase|🔡input latin lowercase|🔢input numbers|🔣input symbols
🔤input latin letters|🔴red circle|🟠orange circle|🟡yellow circle|🟢green circle|🔵blue circle
🟣purple circle|🟤brown circle|⚫black circle|⚪white circle|🟥red square|🟧orange square|🟨yellow square
🟩green square|🟦blue square|🟪purple square|🟫brown square|⬛black large square|⬜white large square
◼black medium square|◻white medium square|◾black medium small square|◽white medium small square
🔶large orange diamond|🔷large blue diamond|🔸small orange diamond|🔹small blue diamond
🔺red triangle pointed up|🔻red triangle pointed down|💠diamond with a dot|🔘radio button
🔳white square button|🔲black square button|🏁chequered flag|🚩triangular flag|🎌crossed flags
🏴black flag|🏳white flag|😶‍🌫face in clouds|😮‍💨face exhaling|🙂‍↔head shaking horizontally
🙂‍↕head shaking vertically|😵‍💫face with spiral eyes|❤‍🔥heart on fire|❤‍🩹mending heart
👁‍🗨eye in speech bubble|🐕‍🦺service dog|🐈‍⬛black cat|🐻‍❄polar bear|🐦‍⬛black bird|🐦‍🔥phoenix
🍋‍🟩lime|🍄‍🟫brown mushroom|⛓‍💥broken chain|🏳‍🌈rainbow flag|🏳‍⚧transgender flag|🏴‍☠pirate flag
`;

/** `ISO 3166 code + name|…` for flags. */
export const REGION_NAMES = `
ACascension island|ADandorra|AEunited arab emirates|AFafghanistan|AGantigua and barbuda|AIanguilla
ALalbania|AMarmenia|AOangola|AQantarctica|ARargentina|ASamerican samoa|ATaustria|AUaustralia|AWaruba
AXaland islands|AZazerbaijan|BAbosnia and herzegovina|BBbarbados|BDbangladesh|BEbelgium|BFburkina faso
BGbulgaria|BHbahrain|BIburundi|BJbenin|BLst barthelemy|BMbermuda|BNbrunei|BObolivia
BQcaribbean netherlands|BRbrazil|BSbahamas|BTbhutan|BVbouvet island|BWbotswana|BYbelarus|BZbelize
CAcanada|CCcocos keeling islands|CDcongo kinshasa|CFcentral african republic|CGcongo brazzaville
CHswitzerland|CIcote d'ivoire|CKcook islands|CLchile|CMcameroon|CNchina|COcolombia|CPclipperton island
CQsark|CRcosta rica|CUcuba|CVcape verde|CWcuracao|CXchristmas island|CYcyprus|CZczechia|DEgermany
DGdiego garcia|DJdjibouti|DKdenmark|DMdominica|DOdominican republic|DZalgeria|EAceuta and melilla
ECecuador|EEestonia|EGegypt|EHwestern sahara|EReritrea|ESspain|ETethiopia|EUeuropean union|FIfinland
FJfiji|FKfalkland islands|FMmicronesia|FOfaroe islands|FRfrance|GAgabon|GBunited kingdom|GDgrenada
GEgeorgia|GFfrench guiana|GGguernsey|GHghana|GIgibraltar|GLgreenland|GMgambia|GNguinea|GPguadeloupe
GQequatorial guinea|GRgreece|GSsouth georgia and south sandwich islands|GTguatemala|GUguam
GWguinea bissau|GYguyana|HKhong kong sar china|HMheard and mcdonald islands|HNhonduras|HRcroatia|HThaiti
HUhungary|ICcanary islands|IDindonesia|IEireland|ILisrael|IMisle of man|INindia
IObritish indian ocean territory|IQiraq|IRiran|ISiceland|ITitaly|JEjersey|JMjamaica|JOjordan|JPjapan
KEkenya|KGkyrgyzstan|KHcambodia|KIkiribati|KMcomoros|KNst kitts and nevis|KPnorth korea|KRsouth korea
KWkuwait|KYcayman islands|KZkazakhstan|LAlaos|LBlebanon|LCst lucia|LIliechtenstein|LKsri lanka|LRliberia
LSlesotho|LTlithuania|LUluxembourg|LVlatvia|LYlibya|MAmorocco|MCmonaco|MDmoldova|MEmontenegro|MFst martin
MGmadagascar|MHmarshall islands|MKnorth macedonia|MLmali|MMmyanmar burma|MNmongolia|MOmacao sar china
MPnorthern mariana islands|MQmartinique|MRmauritania|MSmontserrat|MTmalta|MUmauritius|MVmaldives|MWmalawi
MXmexico|MYmalaysia|MZmozambique|NAnamibia|NCnew caledonia|NEniger|NFnorfolk island|NGnigeria|NInicaragua
NLnetherlands|NOnorway|NPnepal|NRnauru|NUniue|NZnew zealand|OMoman|PApanama|PEperu|PFfrench polynesia
PGpapua new guinea|PHphilippines|PKpakistan|PLpoland|PMst pierre and miquelon|PNpitcairn islands
PRpuerto rico|PSpalestinian territories|PTportugal|PWpalau|PYparaguay|QAqatar|REreunion|ROromania
RSserbia|RUrussia|RWrwanda|SAsaudi arabia|SBsolomon islands|SCseychelles|SDsudan|SEsweden|SGsingapore
SHst helena|SIslovenia|SJsvalbard and jan mayen|SKslovakia|SLsierra leone|SMsan marino|SNsenegal
SOsomalia|SRsuriname|SSsouth sudan|STsao tome and principe|SVel salvador|SXsint maarten|SYsyria
SZeswatini|TAtristan da cunha|TCturks and caicos islands|TDchad|TFfrench southern territories|TGtogo
THthailand|TJtajikistan|TKtokelau|TLtimor leste|TMturkmenistan|TNtunisia|TOtonga|TRturkiye
TTtrinidad and tobago|TVtuvalu|TWtaiwan|TZtanzania|UAukraine|UGuganda|UMus outlying islands
UNunited nations|USunited states|UYuruguay|UZuzbekistan|VAvatican city|VCst vincent and grenadines
VEvenezuela|VGbritish virgin islands|VIus virgin islands|VNvietnam|VUvanuatu|WFwallis and futuna|WSsamoa
XKkosovo|YEyemen|YTmayotte|ZAsouth africa|ZMzambia|ZWzimbabwe
`;
