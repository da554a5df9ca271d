//! Names of places: countries of ISO 3166-1 in English and Chinese (names as in Unicode CLDR), provinces of GB/T 2260.

/// One country a line: alpha-2 code, a blank, its names in lower case.
pub(super) const COUNTRIES: &str = "\
AD andorra|安道尔\n\
AE united arab emirates|阿拉伯联合酋长国|uae|迪拜|阿联酋\n\
AF afghanistan|阿富汗\n\
AG antigua & barbuda|安提瓜和巴布达|antigua and barbuda\n\
AI anguilla|安圭拉\n\
AL albania|阿尔巴尼亚\n\
AM armenia|亚美尼亚\n\
AO angola|安哥拉\n\
AQ antarctica|南极洲\n\
AR argentina|阿根廷\n\
AS american samoa|美属萨摩亚\n\
AT austria|奥地利\n\
AU australia|澳大利亚|aus\n\
AW aruba|阿鲁巴\n\
AX åland islands|奥兰群岛\n\
AZ azerbaijan|阿塞拜疆\n\
BA bosnia & herzegovina|波斯尼亚和黑塞哥维那|bosnia and herzegovina\n\
BB barbados|巴巴多斯\n\
BD bangladesh|孟加拉国\n\
BE belgium|比利时\n\
BF burkina faso|布基纳法索\n\
BG bulgaria|保加利亚\n\
BH bahrain|巴林\n\
BI burundi|布隆迪\n\
BJ benin|贝宁\n\
BL st. barthélemy|圣巴泰勒米\n\
BM bermuda|百慕大\n\
BN brunei|文莱\n\
BO bolivia|玻利维亚|bolivia, plurinational state of\n\
BQ caribbean netherlands|荷属加勒比区\n\
BR brazil|巴西\n\
BS bahamas|巴哈马\n\
BT bhutan|不丹\n\
BV bouvet island|布韦岛\n\
BW botswana|博茨瓦纳\n\
BY belarus|白俄罗斯\n\
BZ belize|伯利兹\n\
CA canada|加拿大|can\n\
CC cocos|科科斯（基林）群岛\n\
CD congo - kinshasa|刚果（金）|dr congo\n\
CF central african republic|中非共和国\n\
CG congo - brazzaville|刚果（布）\n\
CH switzerland|瑞士\n\
CI côte d’ivoire|科特迪瓦|côte d'ivoire|ivory coast\n\
CK cook islands|库克群岛\n\
CL chile|智利\n\
CM cameroon|喀麦隆\n\
CN china|中国|prc|中华人民共和国|中国大陆|大陆|chn|156\n\
CO colombia|哥伦比亚\n\
CR costa rica|哥斯达黎加\n\
CU cuba|古巴\n\
CV cape verde|佛得角\n\
CW curaçao|库拉索\n\
CX christmas island|圣诞岛\n\
CY cyprus|塞浦路斯\n\
CZ czechia|捷克|czech republic\n\
DE germany|德国|deu|德\n\
DJ djibouti|吉布提\n\
DK denmark|丹麦\n\
DM dominica|多米尼克\n\
DO dominican republic|多米尼加共和国\n\
DZ algeria|阿尔及利亚\n\
EC ecuador|厄瓜多尔\n\
EE estonia|爱沙尼亚\n\
EG egypt|埃及\n\
EH western sahara|西撒哈拉\n\
ER eritrea|厄立特里亚\n\
ES spain|西班牙|esp\n\
ET ethiopia|埃塞俄比亚\n\
FI finland|芬兰\n\
FJ fiji|斐济\n\
FK falkland islands|福克兰群岛\n\
FM micronesia|密克罗尼西亚\n\
FO faroe islands|法罗群岛\n\
FR france|法国|fra|法\n\
GA gabon|加蓬\n\
GB united kingdom|英国|uk|great britain|england|britain|gbr|united kingdom of great britain and northern ireland|英\n\
GD grenada|格林纳达\n\
GE georgia|格鲁吉亚\n\
GF french guiana|法属圭亚那\n\
GG guernsey|根西岛\n\
GH ghana|加纳\n\
GI gibraltar|直布罗陀\n\
GL greenland|格陵兰\n\
GM gambia|冈比亚\n\
GN guinea|几内亚\n\
GP guadeloupe|瓜德罗普\n\
GQ equatorial guinea|赤道几内亚\n\
GR greece|希腊\n\
GS south georgia & south sandwich islands|南乔治亚和南桑威奇群岛|south georgia and south sandwich islands\n\
GT guatemala|危地马拉\n\
GU guam|关岛\n\
GW guinea-bissau|几内亚比绍\n\
GY guyana|圭亚那\n\
HK hong kong sar china|中国香港特别行政区|香港|hong kong|hongkong|hkg\n\
HM heard & mcdonald islands|赫德岛和麦克唐纳群岛|heard and mcdonald islands\n\
HN honduras|洪都拉斯\n\
HR croatia|克罗地亚\n\
HT haiti|海地\n\
HU hungary|匈牙利\n\
ID indonesia|印度尼西亚\n\
IE ireland|爱尔兰|eire\n\
IL israel|以色列\n\
IM isle of man|马恩岛\n\
IN india|印度|ind\n\
IO british indian ocean territory|英属印度洋领地\n\
IQ iraq|伊拉克\n\
IR iran|伊朗|iran, islamic republic of\n\
IS iceland|冰岛\n\
IT italy|意大利|ita\n\
JE jersey|泽西岛\n\
JM jamaica|牙买加\n\
JO jordan|约旦\n\
JP japan|日本|jpn|日\n\
KE kenya|肯尼亚\n\
KG kyrgyzstan|吉尔吉斯斯坦\n\
KH cambodia|柬埔寨\n\
KI kiribati|基里巴斯\n\
KM comoros|科摩罗\n\
KN st. kitts & nevis|圣基茨和尼维斯|st. kitts and nevis\n\
KP north korea|朝鲜\n\
KR south korea|韩国|korea|republic of korea|kor|korea, republic of\n\
KW kuwait|科威特\n\
KY cayman islands|开曼群岛\n\
KZ kazakhstan|哈萨克斯坦\n\
LA laos|老挝|lao\n\
LB lebanon|黎巴嫩\n\
LC st. lucia|圣卢西亚\n\
LI liechtenstein|列支敦士登\n\
LK sri lanka|斯里兰卡\n\
LR liberia|利比里亚\n\
LS lesotho|莱索托\n\
LT lithuania|立陶宛\n\
LU luxembourg|卢森堡\n\
LV latvia|拉脱维亚\n\
LY libya|利比亚\n\
MA morocco|摩洛哥\n\
MC monaco|摩纳哥\n\
MD moldova|摩尔多瓦|moldova, republic of\n\
ME montenegro|黑山\n\
MF st. martin|法属圣马丁\n\
MG madagascar|马达加斯加\n\
MH marshall islands|马绍尔群岛\n\
MK north macedonia|北马其顿|macedonia\n\
ML mali|马里\n\
MM myanmar|缅甸|burma\n\
MN mongolia|蒙古\n\
MO macao sar china|中国澳门特别行政区|澳门|macau|macao|mac\n\
MP northern mariana islands|北马里亚纳群岛\n\
MQ martinique|马提尼克\n\
MR mauritania|毛里塔尼亚\n\
MS montserrat|蒙特塞拉特\n\
MT malta|马耳他\n\
MU mauritius|毛里求斯\n\
MV maldives|马尔代夫\n\
MW malawi|马拉维\n\
MX mexico|墨西哥\n\
MY malaysia|马来西亚|mys\n\
MZ mozambique|莫桑比克\n\
NA namibia|纳米比亚\n\
NC new caledonia|新喀里多尼亚\n\
NE niger|尼日尔\n\
NF norfolk island|诺福克岛\n\
NG nigeria|尼日利亚\n\
NI nicaragua|尼加拉瓜\n\
NL netherlands|荷兰|holland\n\
NO norway|挪威\n\
NP nepal|尼泊尔\n\
NR nauru|瑙鲁\n\
NU niue|纽埃\n\
NZ new zealand|新西兰|nzl\n\
OM oman|阿曼\n\
PA panama|巴拿马\n\
PE peru|秘鲁\n\
PF french polynesia|法属波利尼西亚\n\
PG papua new guinea|巴布亚新几内亚\n\
PH philippines|菲律宾\n\
PK pakistan|巴基斯坦\n\
PL poland|波兰\n\
PM st. pierre & miquelon|圣皮埃尔和密克隆群岛|st. pierre and miquelon\n\
PN pitcairn islands|皮特凯恩群岛\n\
PR puerto rico|波多黎各\n\
PS palestinian territories|巴勒斯坦领土|palestine\n\
PT portugal|葡萄牙\n\
PW palau|帕劳\n\
PY paraguay|巴拉圭\n\
QA qatar|卡塔尔\n\
RE réunion|留尼汪\n\
RO romania|罗马尼亚\n\
RS serbia|塞尔维亚\n\
RU russia|俄罗斯|russian federation|rus\n\
RW rwanda|卢旺达\n\
SA saudi arabia|沙特阿拉伯\n\
SB solomon islands|所罗门群岛\n\
SC seychelles|塞舌尔\n\
SD sudan|苏丹\n\
SE sweden|瑞典\n\
SG singapore|新加坡|sgp\n\
SH st. helena|圣赫勒拿\n\
SI slovenia|斯洛文尼亚\n\
SJ svalbard & jan mayen|斯瓦尔巴和扬马延|svalbard and jan mayen\n\
SK slovakia|斯洛伐克\n\
SL sierra leone|塞拉利昂\n\
SM san marino|圣马力诺\n\
SN senegal|塞内加尔\n\
SO somalia|索马里\n\
SR suriname|苏里南\n\
SS south sudan|南苏丹\n\
ST são tomé & príncipe|圣多美和普林西比|são tomé and príncipe\n\
SV el salvador|萨尔瓦多\n\
SX sint maarten|荷属圣马丁\n\
SY syria|叙利亚|syrian arab republic\n\
SZ eswatini|斯威士兰|swaziland\n\
TC turks & caicos islands|特克斯和凯科斯群岛|turks and caicos islands\n\
TD chad|乍得\n\
TF french southern territories|法属南部领地\n\
TG togo|多哥\n\
TH thailand|泰国|tha\n\
TJ tajikistan|塔吉克斯坦\n\
TK tokelau|托克劳\n\
TL timor-leste|东帝汶\n\
TM turkmenistan|土库曼斯坦\n\
TN tunisia|突尼斯\n\
TO tonga|汤加\n\
TR türkiye|土耳其|turkey\n\
TT trinidad & tobago|特立尼达和多巴哥|trinidad and tobago\n\
TV tuvalu|图瓦卢\n\
TW taiwan|台湾|臺灣|中国台湾|twn|taiwan, province of china\n\
TZ tanzania|坦桑尼亚|tanzania, united republic of\n\
UA ukraine|乌克兰\n\
UG uganda|乌干达\n\
UM u.s. outlying islands|美国本土外小岛屿\n\
US united states|美国|usa|united states of america|美利坚合众国|america|840\n\
UY uruguay|乌拉圭\n\
UZ uzbekistan|乌兹别克斯坦\n\
VA vatican city|梵蒂冈\n\
VC st. vincent & grenadines|圣文森特和格林纳丁斯|st. vincent and grenadines\n\
VE venezuela|委内瑞拉|venezuela, bolivarian republic of\n\
VG british virgin islands|英属维尔京群岛\n\
VI u.s. virgin islands|美属维尔京群岛\n\
VN vietnam|越南|viet nam|vnm\n\
VU vanuatu|瓦努阿图\n\
WF wallis & futuna|瓦利斯和富图纳|wallis and futuna\n\
WS samoa|萨摩亚\n\
YE yemen|也门\n\
YT mayotte|马约特\n\
ZA south africa|南非|rsa\n\
ZM zambia|赞比亚\n\
ZW zimbabwe|津巴布韦";

/// Full name of GB/T 2260, then what else people write: short name, abbreviation, pinyin, ISO 3166-2:CN letters, code.
/// Blanks inside a name are written `_`.
pub(super) const PROVINCES: [(&str, &str); 34] = [
    ("北京市", "北京 京 beijing peking bj 11 110000"),
    ("天津市", "天津 津 tianjin tj 12 120000"),
    ("河北省", "河北 冀 hebei he 13 130000"),
    ("山西省", "山西 晋 shanxi sx 14 140000"),
    ("内蒙古自治区", "内蒙古 内蒙 蒙 neimenggu inner_mongolia innermongolia nm 15 150000"),
    ("辽宁省", "辽宁 辽 liaoning ln 21 210000"),
    ("吉林省", "吉林 吉 jilin jl 22 220000"),
    ("黑龙江省", "黑龙江 黑 heilongjiang hl 23 230000"),
    ("上海市", "上海 沪 申 shanghai sh 31 310000"),
    ("江苏省", "江苏 苏 jiangsu js 32 320000"),
    ("浙江省", "浙江 浙 zhejiang zj 33 330000"),
    ("安徽省", "安徽 皖 anhui ah 34 340000"),
    ("福建省", "福建 闽 fujian fj 35 350000"),
    ("江西省", "江西 赣 jiangxi jx 36 360000"),
    ("山东省", "山东 鲁 shandong sd 37 370000"),
    ("河南省", "河南 豫 henan ha 41 410000"),
    ("湖北省", "湖北 鄂 hubei hb 42 420000"),
    ("湖南省", "湖南 湘 hunan hn 43 430000"),
    ("广东省", "广东 粤 guangdong canton gd 44 440000"),
    ("广西壮族自治区", "广西 桂 guangxi 广西自治区 gx 45 450000"),
    ("海南省", "海南 琼 hainan hi 46 460000"),
    ("重庆市", "重庆 渝 chongqing cq 50 500000"),
    ("四川省", "四川 川 蜀 sichuan szechwan sc 51 510000"),
    ("贵州省", "贵州 贵 黔 guizhou gz 52 520000"),
    ("云南省", "云南 云 滇 yunnan yn 53 530000"),
    ("西藏自治区", "西藏 藏 xizang tibet xz 54 540000"),
    ("陕西省", "陕西 陕 秦 shaanxi sn 61 610000"),
    ("甘肃省", "甘肃 甘 陇 gansu gs 62 620000"),
    ("青海省", "青海 青 qinghai qh 63 630000"),
    ("宁夏回族自治区", "宁夏 宁 ningxia 宁夏自治区 nx 64 640000"),
    ("新疆维吾尔自治区", "新疆 新 xinjiang 新疆自治区 xj 65 650000"),
    ("台湾省", "台湾 臺灣 台 taiwan tw 71 710000"),
    ("香港特别行政区", "香港 港 hongkong hong_kong xianggang hk 81 810000"),
    ("澳门特别行政区", "澳门 澳門 澳 macau macao aomen mo 82 820000"),
];
