//! Names, cities and addresses. Surnames follow the frequencies of the Chinese census (the hundred largest cover about
//! 85 % of people; the fifty here are weighted by rank). Everything else is made up.

use throughline_base::Rng;

/// (surname, pinyin, per mille among those listed).
const SURNAMES: [(&str, &str, u32); 50] = [
    ("王", "wang", 92),
    ("李", "li", 91),
    ("张", "zhang", 86),
    ("刘", "liu", 68),
    ("陈", "chen", 57),
    ("杨", "yang", 40),
    ("赵", "zhao", 35),
    ("黄", "huang", 34),
    ("周", "zhou", 33),
    ("吴", "wu", 32),
    ("徐", "xu", 25),
    ("孙", "sun", 24),
    ("胡", "hu", 21),
    ("朱", "zhu", 20),
    ("高", "gao", 19),
    ("林", "lin", 19),
    ("何", "he", 18),
    ("郭", "guo", 18),
    ("马", "ma", 17),
    ("罗", "luo", 15),
    ("梁", "liang", 14),
    ("宋", "song", 13),
    ("郑", "zheng", 13),
    ("谢", "xie", 12),
    ("韩", "han", 11),
    ("唐", "tang", 11),
    ("冯", "feng", 10),
    ("于", "yu", 10),
    ("董", "dong", 10),
    ("萧", "xiao", 9),
    ("程", "cheng", 9),
    ("曹", "cao", 9),
    ("袁", "yuan", 9),
    ("邓", "deng", 9),
    ("许", "xu", 9),
    ("傅", "fu", 8),
    ("沈", "shen", 8),
    ("曾", "zeng", 8),
    ("彭", "peng", 8),
    ("吕", "lv", 8),
    ("苏", "su", 7),
    ("卢", "lu", 7),
    ("蒋", "jiang", 7),
    ("蔡", "cai", 7),
    ("贾", "jia", 6),
    ("丁", "ding", 6),
    ("魏", "wei", 6),
    ("薛", "xue", 6),
    ("欧阳", "ouyang", 3),
    ("司徒", "situ", 1),
];

const SURNAME_WEIGHT: u32 = {
    let (mut sum, mut i) = (0, 0);
    while i < SURNAMES.len() {
        sum += SURNAMES[i].2;
        i += 1;
    }
    sum
};

const FEMALE: [(&str, &str); 30] = [
    ("雨", "yu"),
    ("婷", "ting"),
    ("欣", "xin"),
    ("怡", "yi"),
    ("静", "jing"),
    ("思", "si"),
    ("佳", "jia"),
    ("琪", "qi"),
    ("梦", "meng"),
    ("洁", "jie"),
    ("雪", "xue"),
    ("莹", "ying"),
    ("诗", "shi"),
    ("涵", "han"),
    ("紫", "zi"),
    ("萱", "xuan"),
    ("悦", "yue"),
    ("妍", "yan"),
    ("语", "yu"),
    ("桐", "tong"),
    ("晓", "xiao"),
    ("燕", "yan"),
    ("芳", "fang"),
    ("娜", "na"),
    ("丽", "li"),
    ("敏", "min"),
    ("秀", "xiu"),
    ("兰", "lan"),
    ("玉", "yu"),
    ("若", "ruo"),
];

const MALE: [(&str, &str); 30] = [
    ("伟", "wei"),
    ("强", "qiang"),
    ("磊", "lei"),
    ("洋", "yang"),
    ("勇", "yong"),
    ("军", "jun"),
    ("杰", "jie"),
    ("涛", "tao"),
    ("超", "chao"),
    ("明", "ming"),
    ("浩", "hao"),
    ("宇", "yu"),
    ("轩", "xuan"),
    ("子", "zi"),
    ("博", "bo"),
    ("文", "wen"),
    ("昊", "hao"),
    ("天", "tian"),
    ("志", "zhi"),
    ("建", "jian"),
    ("国", "guo"),
    ("华", "hua"),
    ("鹏", "peng"),
    ("飞", "fei"),
    ("俊", "jun"),
    ("凯", "kai"),
    ("睿", "rui"),
    ("航", "hang"),
    ("泽", "ze"),
    ("辰", "chen"),
];

const ENGLISH_FEMALE: [&str; 20] = [
    "Emma", "Olivia", "Sophie", "Grace", "Chloe", "Alice", "Clara", "Hannah", "Julia", "Laura", "Marie", "Nora",
    "Ruth", "Vera", "Zoe", "Amelia", "Daisy", "Flora", "Irene", "Kate",
];
const ENGLISH_MALE: [&str; 20] = [
    "Adam", "Ben", "Carl", "Daniel", "Ethan", "Felix", "George", "Henry", "Ivan", "Jack", "Leo", "Mark", "Noah",
    "Oscar", "Paul", "Robert", "Simon", "Thomas", "Victor", "William",
];
const ENGLISH_LAST: [&str; 30] = [
    "Baker", "Bennett", "Carter", "Clarke", "Cole", "Davies", "Evans", "Fisher", "Foster", "Gray", "Hall", "Hughes",
    "Jensen", "Keller", "Lambert", "Lewis", "Martin", "Meyer", "Moore", "Morris", "Novak", "Palmer", "Quinn", "Reed",
    "Schmidt", "Turner", "Walker", "Ward", "Weber", "Young",
];

/// A city and how many of the brand's customers live there.
pub(crate) struct City {
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    pub(crate) province: &'static str,
    /// Store of the brand, as an index into [`STORES`]; `NO_STORE` where there is none.
    pub(crate) store: u8,
    weight: u32,
    districts: [&'static str; 3],
}

/// No store in this city.
pub(crate) const NO_STORE: u8 = u8::MAX;

const fn city(
    zh: &'static str,
    en: &'static str,
    province: &'static str,
    store: u8,
    weight: u32,
    districts: [&'static str; 3],
) -> City {
    City { zh, en, province, store, weight, districts }
}

/// Tier one, new tier one, tier two and three.
pub(crate) const CITIES: [City; 24] = [
    city("上海", "Shanghai", "上海市", 0, 150, ["静安区", "徐汇区", "浦东新区"]),
    city("北京", "Beijing", "北京市", 2, 130, ["朝阳区", "海淀区", "东城区"]),
    city("广州", "Guangzhou", "广东省", 4, 85, ["天河区", "越秀区", "番禺区"]),
    city("深圳", "Shenzhen", "广东省", 5, 90, ["南山区", "福田区", "宝安区"]),
    city("杭州", "Hangzhou", "浙江省", 6, 70, ["西湖区", "上城区", "余杭区"]),
    city("成都", "Chengdu", "四川省", 7, 70, ["锦江区", "武侯区", "高新区"]),
    city("南京", "Nanjing", "江苏省", 8, 45, ["鼓楼区", "玄武区", "江宁区"]),
    city("武汉", "Wuhan", "湖北省", 9, 45, ["武昌区", "江汉区", "洪山区"]),
    city("苏州", "Suzhou", "江苏省", NO_STORE, 38, ["姑苏区", "虎丘区", "吴中区"]),
    city("重庆", "Chongqing", "重庆市", NO_STORE, 36, ["渝中区", "江北区", "沙坪坝区"]),
    city("西安", "Xi'an", "陕西省", NO_STORE, 32, ["雁塔区", "碑林区", "未央区"]),
    city("长沙", "Changsha", "湖南省", NO_STORE, 28, ["岳麓区", "芙蓉区", "雨花区"]),
    city("青岛", "Qingdao", "山东省", NO_STORE, 22, ["市南区", "崂山区", "市北区"]),
    city("厦门", "Xiamen", "福建省", NO_STORE, 20, ["思明区", "湖里区", "集美区"]),
    city("宁波", "Ningbo", "浙江省", NO_STORE, 20, ["海曙区", "鄞州区", "江北区"]),
    city("昆明", "Kunming", "云南省", NO_STORE, 16, ["五华区", "盘龙区", "官渡区"]),
    city("沈阳", "Shenyang", "辽宁省", NO_STORE, 16, ["和平区", "沈河区", "浑南区"]),
    city("合肥", "Hefei", "安徽省", NO_STORE, 15, ["蜀山区", "包河区", "庐阳区"]),
    city("佛山", "Foshan", "广东省", NO_STORE, 15, ["禅城区", "南海区", "顺德区"]),
    city("温州", "Wenzhou", "浙江省", NO_STORE, 12, ["鹿城区", "瓯海区", "龙湾区"]),
    city("洛阳", "Luoyang", "河南省", NO_STORE, 9, ["西工区", "涧西区", "洛龙区"]),
    city("桂林", "Guilin", "广西壮族自治区", NO_STORE, 8, ["象山区", "七星区", "秀峰区"]),
    city("扬州", "Yangzhou", "江苏省", NO_STORE, 8, ["广陵区", "邗江区", "江都区"]),
    city("遵义", "Zunyi", "贵州省", NO_STORE, 6, ["红花岗区", "汇川区", "播州区"]),
];

const CITY_WEIGHT: u32 = {
    let (mut sum, mut i) = (0, 0);
    while i < CITIES.len() {
        sum += CITIES[i].weight;
        i += 1;
    }
    sum
};

/// Stores: id, Chinese and English name. Shanghai and Beijing have two, the odd ones are for half of their people.
pub(crate) const STORES: [(&str, &str, &str); 10] = [
    ("SH01", "上海静安店", "Shanghai Jing'an"),
    ("SH02", "上海徐汇店", "Shanghai Xuhui"),
    ("BJ01", "北京朝阳店", "Beijing Chaoyang"),
    ("BJ02", "北京海淀店", "Beijing Haidian"),
    ("GZ01", "广州天河店", "Guangzhou Tianhe"),
    ("SZ01", "深圳南山店", "Shenzhen Nanshan"),
    ("HZ01", "杭州西湖店", "Hangzhou West Lake"),
    ("CD01", "成都锦江店", "Chengdu Jinjiang"),
    ("NJ01", "南京鼓楼店", "Nanjing Gulou"),
    ("WH01", "武汉江汉店", "Wuhan Jianghan"),
];

const ROADS: [&str; 16] = [
    "青梧路",
    "云栖街",
    "松涛路",
    "望江路",
    "临泉巷",
    "杏林路",
    "南屏街",
    "清溪路",
    "竹园路",
    "长亭街",
    "听雨巷",
    "枫桥路",
    "月湖路",
    "锦书街",
    "海棠路",
    "银杏路",
];

/// A name as numbers, so that millions of people fit into memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    surname: u8,
    given: [u8; 2],
    female: bool,
    english: bool,
}

impl Name {
    /// A name of somebody; `surname` is given for members of a family.
    pub(crate) fn draw(rng: &mut Rng, female: bool, surname: Option<u8>) -> Self {
        let english = surname.is_none() && rng.chance(0.03);
        let one = rng.chance(0.2);
        let given = if english {
            [rng.below(20) as u8, 0]
        } else {
            [rng.below(30) as u8, if one { u8::MAX } else { rng.below(30) as u8 }]
        };
        let surname = surname.unwrap_or_else(|| if english { rng.below(30) as u8 } else { draw_surname(rng) });
        Self { surname, given, female, english }
    }

    pub(crate) const fn surname(self) -> Option<u8> {
        if self.english { None } else { Some(self.surname) }
    }

    /// As written on a form.
    pub(crate) fn written(self) -> String {
        if self.english {
            let list = if self.female { &ENGLISH_FEMALE } else { &ENGLISH_MALE };
            return format!("{} {}", list[usize::from(self.given[0])], ENGLISH_LAST[usize::from(self.surname)]);
        }
        let list = if self.female { &FEMALE } else { &MALE };
        let mut out = String::from(SURNAMES[usize::from(self.surname)].0);
        for g in self.given {
            if let Some((text, _)) = list.get(usize::from(g)) {
                out.push_str(text);
            }
        }
        out
    }

    /// Latin letters for an e-mail address: `chen.yutong`.
    pub(crate) fn latin(self) -> String {
        if self.english {
            return self.written().to_lowercase().replace(' ', ".");
        }
        let list = if self.female { &FEMALE } else { &MALE };
        let mut out = String::from(SURNAMES[usize::from(self.surname)].1);
        out.push('.');
        for g in self.given {
            if let Some((_, pinyin)) = list.get(usize::from(g)) {
                out.push_str(pinyin);
            }
        }
        out
    }

    /// As a hurried cashier types it: the last character replaced by another.
    pub(crate) fn mistyped(self, rng: &mut Rng) -> String {
        let mut other = self;
        let slot = usize::from(self.given[1] != u8::MAX);
        other.given[slot] = ((u64::from(self.given[slot]) + 1 + rng.below(18)) % 20) as u8;
        other.written()
    }
}

fn draw_surname(rng: &mut Rng) -> u8 {
    let mut at = rng.below(u64::from(SURNAME_WEIGHT)) as u32;
    for (i, (_, _, weight)) in SURNAMES.iter().enumerate() {
        if at < *weight {
            return i as u8;
        }
        at -= weight;
    }
    0
}

/// A city, the larger the likelier.
pub(crate) fn draw_city(rng: &mut Rng) -> u8 {
    let mut at = rng.below(u64::from(CITY_WEIGHT)) as u32;
    for (i, c) in CITIES.iter().enumerate() {
        if at < c.weight {
            return i as u8;
        }
        at -= c.weight;
    }
    0
}

/// Name and province of a city.
pub(crate) const fn city_of(city: u8) -> (&'static str, &'static str) {
    let c = &CITIES[city as usize];
    (c.zh, c.province)
}

/// The postal address that `seed` stands for: district and street.
pub(crate) fn address(city: u8, seed: u64) -> (&'static str, String) {
    let district = CITIES[usize::from(city)].districts[(seed % 3) as usize];
    let road = ROADS[(seed / 3 % 16) as usize];
    let text = format!(
        "{road}{}号{}幢{}室",
        seed / 48 % 399 + 1,
        seed / 19_152 % 20 + 1,
        100 * (seed / 383_040 % 24 + 1) + seed / 9_192_960 % 6 + 1
    );
    (district, text)
}
