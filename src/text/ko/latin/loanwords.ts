/**
 * Korean spellings of Latin words, by their lower-case spelling: everyday words of interfaces and notices, abbreviations that are read as a
 * word, brands. Other words are transcribed by rules from their English pronunciation.
 */
const LOANWORDS = `
name네임 names네임스 color컬러 title타이틀 number넘버 okay오케이 hello헬로 hi하이 bye바이 yes예스 no노 good굿 bad배드 best베스트 big빅 new뉴 hot핫 cool쿨 free프리
sale세일 open오픈 close클로즈 closed클로즈드 start스타트 stop스톱 go고 home홈 menu메뉴 help헬프 info인포
news뉴스 event이벤트 point포인트 coupon쿠폰 gift기프트 card카드 pay페이 cash캐시 bank뱅크 mobile모바일
phone폰 call콜 text텍스트 message메시지 mail메일 email이메일 online온라인 offline오프라인 internet인터넷
web웹 website웹사이트 site사이트 page페이지 blog블로그 app앱 apps앱스 application애플리케이션 program프로그램
software소프트웨어 hardware하드웨어 computer컴퓨터 laptop랩톱 notebook노트북 tablet태블릿 monitor모니터
mouse마우스 keyboard키보드 printer프린터 speaker스피커 mic마이크 camera카메라 video비디오 audio오디오
music뮤직 radio라디오 movie무비 game게임 games게임즈 player플레이어 level레벨 score스코어 team팀 leader리더
member멤버 manager매니저 master마스터 user유저 users유저스 admin어드민 guest게스트 login로그인 logout로그아웃
password패스워드 pin핀 code코드 data데이터 database데이터베이스 server서버 servers서버스 client클라이언트
cloud클라우드 network네트워크 wifi와이파이 bluetooth블루투스 router라우터 update업데이트 upgrade업그레이드
download다운로드 upload업로드 install인스톨 setup셋업 setting세팅 settings세팅스 system시스템 service서비스
services서비스 center센터 support서포트 test테스트 beta베타 demo데모 sample샘플 version버전 file파일
folder폴더 image이미지 photo포토 link링크 click클릭 button버튼 touch터치 screen스크린 display디스플레이
mode모드 auto오토 manual매뉴얼 basic베이직 standard스탠더드 premium프리미엄 pro프로 plus플러스 max맥스 mini미니
lite라이트 air에어 ultra울트라 super슈퍼 hyper하이퍼 smart스마트 digital디지털 media미디어 social소셜
live라이브 stream스트림 streaming스트리밍 studio스튜디오 style스타일 design디자인 color컬러 black블랙
white화이트 red레드 blue블루 green그린 yellow옐로 pink핑크 gold골드 silver실버 diamond다이아몬드
platinum플래티넘 bronze브론즈 star스타 sun선 moon문 sky스카이 world월드 korea코리아 korean코리안 seoul서울
busan부산 jeju제주 incheon인천 gangnam강남 tokyo도쿄 japan재팬 china차이나 america아메리카 london런던
paris파리 newyork뉴욕 asia아시아 europe유럽 global글로벌 international인터내셔널 express익스프레스
airport에어포트 bus버스 taxi택시 train트레인 metro메트로 subway서브웨이 car카 drive드라이브 driver드라이버
parking파킹 hotel호텔 room룸 suite스위트 lounge라운지 bar바 cafe카페 coffee커피 tea티 latte라테
americano아메리카노 espresso에스프레소 mocha모카 cake케이크 pizza피자 burger버거 chicken치킨 pasta파스타
salad샐러드 bread브레드 beer비어 wine와인 food푸드 fresh프레시 market마켓 shop숍 store스토어 mart마트 mall몰
shopping쇼핑 fashion패션 beauty뷰티 hair헤어 health헬스 fitness피트니스 gym짐 yoga요가 sports스포츠
soccer사커 football풋볼 baseball베이스볼 basketball바스켓볼 golf골프 tennis테니스 run런 running러닝
walk워크 swim스윔 dance댄스 party파티 festival페스티벌 concert콘서트 ticket티켓 show쇼 stage스테이지
theater시어터 cinema시네마 book북 books북스 story스토리 magazine매거진 pen펜 school스쿨 class클래스
study스터디 english잉글리시 academy아카데미 university유니버시티 college칼리지 campus캠퍼스 lab랩 labs랩스
tech테크 technology테크놀로지 science사이언스 robot로봇 robots로봇 drone드론 energy에너지 power파워
battery배터리 charger차저 solar솔라 oil오일 gas가스 water워터 fire파이어 earth어스 eco에코 bio바이오 care케어
clinic클리닉 medical메디컬 doctor닥터 pharmacy파머시 vitamin비타민 mask마스크 baby베이비 kids키즈 kid키드
family패밀리 friend프렌드 friends프렌즈 love러브 happy해피 birthday버스데이 christmas크리스마스 merry메리
year이어 day데이 time타임 today투데이 tomorrow투모로 morning모닝 night나이트 weekend위켄드 season시즌
summer서머 winter윈터 spring스프링 week위크 month먼스 the더 a어 an언 and앤드 or오어 of오브 in인 on온 to투
for포 at앳 by바이 with위드 from프롬 is이즈 it잇 my마이 your유어 our아워 we위 you유 me미 i아이 he히 she시
this디스 that댓 all올 one원 two투 three쓰리 four포 five파이브 six식스 seven세븐 eight에이트 nine나인 ten텐
first퍼스트 second세컨드 next넥스트 back백 top톱 up업 down다운 left레프트 right라이트 off오프 out아웃 over오버
under언더 zone존 line라인 view뷰 type타입 size사이즈 set세트 box박스 pack팩 bag백 item아이템 items아이템스
price프라이스 discount디스카운트 delivery딜리버리 order오더 pick픽 pickup픽업 check체크 list리스트 chart차트
report리포트 project프로젝트 plan플랜 meeting미팅 schedule스케줄 calendar캘린더 note노트 memo메모 alarm알람
timer타이머 clock클록 alert알럿 error에러 bug버그 log로그 key키 lock록 unlock언록 scan스캔 copy카피
paste페이스트 save세이브 delete딜리트 reset리셋 restart리스타트 reboot리부트 refresh리프레시 search서치
find파인드 map맵 maps맵스 navi내비 navigation내비게이션 model모델 engine엔진 motor모터 sensor센서 chip칩
memory메모리 core코어 graphic그래픽 graphics그래픽스 ram램 rom롬 sim심 usim유심 esim이심 mp3엠피쓰리 gif지프
zip집 nasa나사 nato나토 unesco유네스코 unicef유니세프 opec오펙 asean아세안 apec에이펙 fifa피파 aids에이즈
covid코비드 sars사스 mers메르스 laser레이저 captcha캡차 ajax에이잭스 json제이슨 linux리눅스 ubuntu우분투
windows윈도 window윈도 mac맥 macos맥오에스 android안드로이드 java자바 javascript자바스크립트
typescript타입스크립트 python파이선 docker도커 kubernetes쿠버네티스 github깃허브 git깃 react리액트 node노드
mysql마이에스큐엘 oracle오라클 redis레디스 chrome크롬 safari사파리 firefox파이어폭스 edge에지 google구글
gmail지메일 youtube유튜브 naver네이버 daum다음 kakao카카오 kakaotalk카카오톡 facebook페이스북
instagram인스타그램 twitter트위터 tiktok틱톡 telegram텔레그램 whatsapp왓츠앱 discord디스코드 slack슬랙
zoom줌 teams팀스 skype스카이프 netflix넷플릭스 disney디즈니 tving티빙 wavve웨이브 watcha왓챠 amazon아마존
apple애플 iphone아이폰 ipad아이패드 ipod아이팟 imac아이맥 macbook맥북 airpods에어팟 siri시리 alexa알렉사
samsung삼성 galaxy갤럭시 hyundai현대 kia기아 genesis제네시스 lotte롯데 emart이마트 homeplus홈플러스
costco코스트코 coupang쿠팡 tmon티몬 baemin배민 toss토스 payco페이코 paypal페이팔 visa비자
mastercard마스터카드 amex아멕스 starbucks스타벅스 mcdonald맥도날드 nike나이키 adidas아디다스 puma푸마 gucci구찌
chanel샤넬 prada프라다 ikea이케아 uniqlo유니클로 zara자라 sony소니 nintendo닌텐도 playstation플레이스테이션
xbox엑스박스 microsoft마이크로소프트 office오피스 word워드 excel엑셀 powerpoint파워포인트 outlook아웃룩
intel인텔 nvidia엔비디아 tesla테슬라 benz벤츠 audi아우디 toyota도요타 honda혼다 ford포드 boeing보잉 uber우버
airbnb에어비앤비 agoda아고다 expedia익스피디아 wikipedia위키백과 openai오픈에이아이 chatgpt챗지피티 claude클로드
gemini제미나이 copilot코파일럿 cloudflare클라우드플레어 sori소리 blackpink블랙핑크 exo엑소 kpop케이팝 pop팝
hiphop힙합 rap랩 rock록 jazz재즈 remix리믹스 olympic올림픽 champion챔피언 league리그 cup컵 final파이널
battle배틀 hero히어로 quest퀘스트 boss보스 dragon드래곤 magic매직 sword소드 shield실드 potion포션 skill스킬
combo콤보 victory빅토리 defeat디피트 ready레디 fight파이트 bonus보너스 round라운드 mission미션 wow와우 oh오
vs대 etc기타 co코 com컴 net넷 am오전 pm오후 km킬로미터 kg킬로그램 cm센티미터 mm밀리미터 min분 sec초 wi와이 fi파이
tip팁 tips팁스 q큐 hybrid하이브리드 turbo터보 sedan세단 truck트럭 van밴 motors모터스 electronics일렉트로닉스
chemical케미컬 construction컨스트럭션 group그룹 holdings홀딩스 company컴퍼니 corp코프 inc잉크
partners파트너스 ventures벤처스 capital캐피털 fund펀드 trust트러스트 invest인베스트 insurance인슈어런스 loan론
credit크레디트 debit데빗 account어카운트 balance밸런스 bill빌 tax택스 vat부가세
`;

/** Abbreviations that are spelled letter by letter also in lower case. */
const INITIALISMS = new Set(
  `ok pc tv id usa vip gps cpu gpu ssd usb hdmi led lcd oled qled nfc qr otp atm ars
cctv dvd cd jpg pdf html url api sdk ai it iot vr ar xr ott sns ceo cto cfo hr pr md
pd dj mc mvp ktx srt itx gtx ios npm php sql lg sk skt kt gs cu cj kfc amd bmw gpt
bts mbc kbs sbs ebs jtbc tvn ytn cnn bbc espn mlb nba kbo ufc ps kr org www http
https faq diy asap fyi rsvp gdp imf who un eu uk us dmz pcr mri ct dna rna ph bmi
suv ev etf ipo cma isa irp`.split(/\s+/),
);

/** Codes with digits that have their own reading. */
const CODES = `
a4에이포 a3에이쓰리 b5비파이브 mp3엠피쓰리 mp4엠피포 3d쓰리디 2d투디 4d포디 5g파이브지 4g포지 3g쓰리지 4k포케이 8k에이트케이 b2b비투비 b2c비투씨 c2c시투씨 o2o오투오 p2p피투피 g20지이십 g7지세븐 f1에프원 h2o에이치투오 co2씨오투 o2오투 pm2.5피엠이점오 k-pop케이팝 k-팝케이팝 wi-fi와이파이 e-mail이메일 covid-19코로나십구 usb-c유에스비시 x-ray엑스레이 7-eleven세븐일레븐 24/7이십사시간 ps5피에스파이브 ps4피에스포 h1n1에이치원엔원 r&d알앤디 q&a큐앤에이 m&a엠앤에이 a/s에이에스 n/a해당없음 kt&g케이티앤지 at&t에이티앤티 b&b비앤비 p&g피앤지 h&m에이치앤엠 s&p에스앤피 d-day디데이 t-shirt티셔츠 e-book이북 c++시플러스플러스 c#시샵 f#에프샵 node.js노드제이에스 u-20유이십 1+1원플러스원 2+1투플러스원
`;

let words: ReadonlyMap<string, string> | undefined;
let codes: ReadonlyMap<string, string> | undefined;

function read(list: string): ReadonlyMap<string, string> {
  return new Map(
    list
      .trim()
      .split(/\s+/)
      .map((entry): [string, string] => {
        const at = entry.search(/[가-힣](?:[가-힣]*)$/);
        return [entry.slice(0, at), entry.slice(at)];
      })
      .filter(([key, value]) => key !== '' && value !== ''),
  );
}

/** Korean reading of a Latin word in the table, or `undefined`. */
export function loanword(word: string): string | undefined {
  words ??= read(LOANWORDS);
  return words.get(word.toLowerCase());
}

/** Whether a word in lower case is always spelled letter by letter. */
export function isInitialism(word: string): boolean {
  return INITIALISMS.has(word);
}

/** Korean reading of a code of letters, digits and signs in the table, or `undefined`. */
export function knownCode(code: string): string | undefined {
  codes ??= read(CODES);
  return codes.get(code.toLowerCase());
}
