//! Customer records of Chinese shops with a known truth, for matching: the same people written down by several tills, a
//! web shop, a mini-program and a marketplace, each in its own way.
//!
//! There is no public set of Chinese customer records with a truth; this one is made from a seed. What is wrong with the
//! records:
//!
//! | what | how much |
//! |---|---|
//! | people with two and more records | 38 % |
//! | names in traditional characters | 8 % |
//! | names in pinyin, in either order, with or without a blank | 8 % |
//! | names typed as another character of the same sound; with a character missing | 3 %; 1 % |
//! | names a marketplace hides but for the surname (`王**`) | 3 % |
//! | phones of another member of the family; changed; hidden; mistyped | 4 %; 6 %; 3 %; 3 % |
//! | birthdays missing; a form's default; day and month or a digit wrong | 35 %; 3 %; 2 % |
//! | addresses missing; of a former home; without province and city; with other words for the same | 30 %; 8 %; 30 %; 20 % |
//! | people living with others of their surname, and their landline | 45 % |
//! | twins among children | 2 % |
//!
//! Names follow the census: the hundred largest surnames with their weights, so thousands are called 张伟.

use std::io::{self, Write};

use throughline_base::Rng;

use crate::names::{address, city_of, draw_city};
use crate::text::digits;

/// Surnames with their traditional form, pinyin and weight (per ten thousand).
const SURNAMES: &str = "王王wang 715 李李li 719 张張zhang 664 刘劉liu 517 陈陳chen 455 杨楊yang 312 黄黃huang 226 赵趙zhao 223 周周zhou 204 吴吳wu 204 \
徐徐xu 166 孙孫sun 154 胡胡hu 131 朱朱zhu 126 高高gao 121 林林lin 118 何何he 117 郭郭guo 115 马馬ma 105 罗羅luo 86 梁梁liang 84 宋宋song 81 \
郑鄭zheng 80 谢謝xie 75 韩韓han 68 唐唐tang 65 冯馮feng 64 于于yu 62 董董dong 61 萧蕭xiao 59 程程cheng 57 曹曹cao 57 袁袁yuan 54 邓鄧deng 54 \
许許xu 54 傅傅fu 51 沈沈shen 50 曾曾zeng 50 彭彭peng 49 吕呂lv 47 苏蘇su 46 卢盧lu 47 蒋蔣jiang 47 蔡蔡cai 46 贾賈jia 42 丁丁ding 42 魏魏wei 42 \
薛薛xue 41 叶葉ye 42 阎閻yan 39 余余yu 41 潘潘pan 41 杜杜du 40 戴戴dai 34 夏夏xia 38 钟鍾zhong 38 汪汪wang 37 田田tian 37 任任ren 36 姜姜jiang 36 \
范范fan 36 方方fang 36 石石shi 35 姚姚yao 35 谭譚tan 35 廖廖liao 34 邹鄒zou 34 熊熊xiong 32 金金jin 32 陆陸lu 32 郝郝hao 29 孔孔kong 28 白白bai 28 \
崔崔cui 28 康康kang 27 毛毛mao 26 邱邱qiu 26 秦秦qin 26 江江jiang 26 史史shi 25 顾顧gu 25 侯侯hou 25 邵邵shao 24 孟孟meng 24 龙龍long 23 万萬wan 22 \
段段duan 22 雷雷lei 21 钱錢qian 21 汤湯tang 20 尹尹yin 20 黎黎li 20 易易yi 19 常常chang 18 武武wu 18 乔喬qiao 18 贺賀he 17 赖賴lai 17 龚龔gong 17 \
文文wen 16 欧阳歐陽ouyang 8 司马司馬sima 2 上官上官shangguan 2 诸葛諸葛zhuge 1 司徒司徒situ 2";

/// Characters of given names with their traditional form and pinyin, from the commonest.
const GIVEN: &str = "伟偉wei 芳芳fang 娜娜na 秀秀xiu 敏敏min 静靜jing 丽麗li 强強qiang 磊磊lei 军軍jun 洋洋yang 勇勇yong 艳豔yan 杰傑jie 娟娟juan 涛濤tao \
明明ming 超超chao 兰蘭lan 霞霞xia 平平ping 刚剛gang 桂桂gui 英英ying 华華hua 玉玉yu 萍萍ping 红紅hong 娥娥e 玲玲ling 芬芬fen 燕燕yan 彩彩cai 春春chun \
菊菊ju 凤鳳feng 洁潔jie 梅梅mei 琳琳lin 素素su 云雲yun 莲蓮lian 真真zhen 环環huan 雪雪xue 荣榮rong 爱愛ai 妹妹mei 香香xiang 月月yue 莺鶯ying 媛媛yuan \
瑞瑞rui 凡凡fan 佳佳jia 嘉嘉jia 琼瓊qiong 勤勤qin 珍珍zhen 贞貞zhen 莉莉li 庆慶qing 晶晶jing 妍妍yan 茜茜qian 秋秋qiu 珊珊shan 莎莎sha 锦錦jin 黛黛dai \
青青qing 倩倩qian 婷婷ting 姣姣jiao 婉婉wan 娴嫻xian 瑾瑾jin 颖穎ying 露露lu 瑶瑤yao 怡怡yi 婵嬋chan 雁雁yan 蓓蓓bei 仪儀yi 荷荷he 丹丹dan 蓉蓉rong \
眉眉mei 君君jun 琴琴qin 蕊蕊rui 薇薇wei 菁菁jing 梦夢meng 岚嵐lan 苑苑yuan 筠筠jun 柔柔rou 竹竹zhu 昊昊hao 宇宇yu 轩軒xuan 子子zi 博博bo 文文wen \
天天tian 志志zhi 建建jian 国國guo 鹏鵬peng 飞飛fei 俊俊jun 凯凱kai 睿睿rui 航航hang 泽澤ze 辰辰chen 浩浩hao 然然ran 思思si 涵涵han 雨雨yu 欣欣xin \
诗詩shi 紫紫zi 萱萱xuan 悦悅yue 语語yu 桐桐tong 晓曉xiao 若若ruo 琪琪qi 莹瑩ying 欢歡huan 乐樂le 毅毅yi 峰峰feng 波波bo 斌斌bin 亮亮liang 辉輝hui \
健健jian 世世shi 广廣guang 义義yi 兴興xing 良良liang 海海hai 山山shan 仁仁ren 宁寧ning 贵貴gui 福福fu 生生sheng 龙龍long 元元yuan 全全quan 胜勝sheng \
学學xue 祥祥xiang 才才cai 发發fa 新新xin 利利li 清清qing 彬彬bin 富富fu 顺順shun 信信xin 昌昌chang 成成cheng 康康kang 星星xing 光光guang 达達da 安安an \
岩岩yan 中中zhong 茂茂mao 进進jin 林林lin 有有you 坚堅jian 和和he 彪彪biao 诚誠cheng 先先xian 敬敬jing 震震zhen 振振zhen 壮壯zhuang 会會hui 群群qun \
豪豪hao 心心xin 邦邦bang 承承cheng 绍紹shao 功功gong 松松song 善善shan 厚厚hou 裕裕yu 河河he 哲哲zhe 民民min 友友you 翰翰han 朗朗lang 伯伯bo 宏宏hong \
言言yan 若若ruo 鸣鳴ming 朋朋peng 栋棟dong 维維wei 启啓qi 克克ke 伦倫lun 翔翔xiang 旭旭xu 奇奇qi 铭銘ming 恒恆heng 晨晨chen 阳陽yang";

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomerConfig {
    /// Records, to within a family.
    pub records: u32,
    /// The same seed gives the same bytes.
    pub seed: u64,
}

#[derive(Debug, Clone, Copy)]
struct Sign {
    simple: &'static str,
    traditional: &'static str,
    pinyin: &'static str,
}

fn sign(token: &'static str) -> Sign {
    let latin = token.find(|c: char| c.is_ascii()).unwrap_or(token.len());
    let half = latin / 2;
    Sign { simple: &token[..half], traditional: &token[half..latin], pinyin: &token[latin..] }
}

struct Names {
    surnames: Vec<(Sign, u32)>,
    weight: u32,
    given: Vec<Sign>,
    /// For each character, another of the same sound where there is one.
    alike: Vec<Option<usize>>,
}

impl Names {
    fn new() -> Self {
        let tokens: Vec<&'static str> = SURNAMES.split_whitespace().collect();
        let surnames: Vec<(Sign, u32)> =
            tokens.chunks(2).map(|t| (sign(t[0]), t[1].parse().expect("the table has a weight for each"))).collect();
        let given: Vec<Sign> = GIVEN.split_whitespace().map(sign).collect();
        let alike = (0..given.len())
            .map(|i| {
                (0..given.len()).find(|j| given[*j].pinyin == given[i].pinyin && given[*j].simple != given[i].simple)
            })
            .collect();
        Self { weight: surnames.iter().map(|s| s.1).sum(), surnames, given, alike }
    }

    fn surname(&self, rng: &mut Rng) -> usize {
        let mut at = rng.below(u64::from(self.weight)) as u32;
        self.surnames
            .iter()
            .position(|(_, w)| {
                let here = at < *w;
                at = at.saturating_sub(*w);
                here
            })
            .unwrap_or(0)
    }

    /// One character for one in six, else two; the commoner ones come first.
    fn given(&self, rng: &mut Rng) -> [Option<usize>; 2] {
        let mut one = || Some((rng.unit().powf(1.4) * self.given.len() as f64) as usize);
        let (first, second) = (one(), one());
        [first, if rng.chance(0.17) { None } else { second }]
    }
}

/// What is true of somebody.
#[derive(Debug, Clone, Copy)]
struct Human {
    surname: usize,
    given: [Option<usize>; 2],
    /// Year, month, day.
    birth: (u32, u32, u32),
    phone: u64,
    next_phone: u64,
    email: u64,
    home: (u8, u64),
    former_home: (u8, u64),
    family_phone: u64,
    female: bool,
}

fn mobile(rng: &mut Rng) -> u64 {
    const HEADS: [u64; 10] = [139, 138, 136, 186, 185, 177, 158, 150, 132, 199];
    *rng.pick(&HEADS) * 100_000_000 + rng.below(100_000_000)
}

impl Human {
    fn draw(names: &Names, rng: &mut Rng, surname: usize, home: (u8, u64), family_phone: u64, age: u64) -> Self {
        Self {
            surname,
            given: names.given(rng),
            birth: (2026 - age as u32, 1 + rng.below(12) as u32, 1 + rng.below(28) as u32),
            phone: mobile(rng),
            next_phone: mobile(rng),
            email: rng.below(10_000),
            home,
            former_home: (draw_city(rng), rng.next_u64()),
            family_phone,
            female: rng.chance(0.5),
        }
    }
}

/// Writes the records as CSV, in no order that helps, and gives their number. The column `person` is the truth.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_customers(config: CustomerConfig, out: &mut impl Write) -> io::Result<u64> {
    let names = Names::new();
    let mut rng = Rng::seeded(config.seed);
    writeln!(out, "person,来源,姓名,性别,手机,邮箱,生日,城市,地址")?;
    // Records of one family are scattered over as many rows as are held back.
    let mut held: Vec<String> = Vec::with_capacity(HELD);
    let (mut written, mut person) = (0_u64, 0_u64);
    while written < u64::from(config.records) {
        for human in family(&names, &mut rng) {
            person += 1;
            let copies = match rng.below(100) {
                0..=61 => 1,
                62..=83 => 2,
                84..=94 => 3,
                95..=98 => 4,
                _ => 6,
            };
            for _ in 0..copies {
                let row = record(&names, &human, person, &mut rng);
                written += 1;
                if held.len() < HELD {
                    held.push(row);
                } else {
                    let at = rng.below(HELD as u64) as usize;
                    out.write_all(std::mem::replace(&mut held[at], row).as_bytes())?;
                }
            }
        }
    }
    for row in held {
        out.write_all(row.as_bytes())?;
    }
    Ok(written)
}

const HELD: usize = 50_000;

fn family(names: &Names, rng: &mut Rng) -> Vec<Human> {
    let surname = names.surname(rng);
    let home = (draw_city(rng), rng.next_u64());
    let family_phone = mobile(rng);
    let adult = 22 + rng.below(50);
    let mut out = vec![Human::draw(names, rng, surname, home, family_phone, adult)];
    if rng.chance(0.45) {
        // Married people keep their surnames; parents, children, brothers and sisters share one.
        let other = if rng.chance(0.4) { names.surname(rng) } else { surname };
        out.push(Human::draw(names, rng, other, home, family_phone, adult));
    }
    if out.len() == 2 && rng.chance(0.4) {
        let age = 14 + rng.below(10);
        let child = Human::draw(names, rng, surname, home, family_phone, age);
        out.push(child);
        if rng.chance(0.05) {
            let mut twin = Human::draw(names, rng, surname, home, family_phone, 14);
            twin.birth = child.birth;
            twin.given[0] = child.given[0];
            out.push(twin);
        }
    }
    out
}

fn record(names: &Names, h: &Human, person: u64, rng: &mut Rng) -> String {
    const SOURCES: [&str; 5] = ["门店", "官网", "小程序", "天猫", "客服"];
    let mut row = String::with_capacity(160);
    digits(&mut row, person, 1);
    row.push(',');
    row.push_str(SOURCES[rng.below(5) as usize]);
    row.push(',');
    name(names, h, rng, &mut row);
    row.push(',');
    if rng.chance(0.7) {
        row.push_str(if h.female { "女" } else { "男" });
    }
    row.push(',');
    phone(h, rng, &mut row);
    row.push(',');
    email(names, h, rng, &mut row);
    row.push(',');
    birthday(h, rng, &mut row);
    row.push(',');
    home(h, rng, &mut row);
    row.push('\n');
    row
}

fn name(names: &Names, h: &Human, rng: &mut Rng, row: &mut String) {
    let surname = names.surnames[h.surname].0;
    let mut given = h.given;
    let style = rng.below(100);
    if style < 8 {
        let latin: String = given.iter().flatten().map(|g| names.given[*g].pinyin).collect();
        let capital = |t: &str| t[..1].to_uppercase() + &t[1..];
        row.push_str(&match rng.below(4) {
            0 => format!("{} {}", capital(surname.pinyin), capital(&latin)),
            1 => format!("{} {}", capital(&latin), capital(surname.pinyin)),
            2 => format!("{}{latin}", surname.pinyin),
            _ => format!("{} {}", surname.pinyin.to_uppercase(), latin.to_uppercase()),
        });
        return;
    }
    if style < 11 {
        row.push_str(surname.simple);
        row.push_str("**");
        return;
    }
    if style < 14 {
        let at = usize::from(given[1].is_some() && rng.chance(0.5));
        given[at] = given[at].map(|g| names.alike[g].unwrap_or(g));
    } else if style < 15 && given[1].is_some() {
        given[1] = None;
    }
    let traditional = (15..23).contains(&style);
    let write = |s: Sign| if traditional { s.traditional } else { s.simple };
    row.push_str(write(surname));
    given.iter().flatten().for_each(|g| row.push_str(write(names.given[*g])));
}

fn phone(h: &Human, rng: &mut Rng, row: &mut String) {
    let number = match rng.below(100) {
        0..=3 => h.family_phone,
        4..=9 => h.next_phone,
        10..=14 => return,
        _ => h.phone,
    };
    let mut text = String::new();
    digits(&mut text, number, 11);
    match rng.below(100) {
        0..=2 => {
            let at = 3 + rng.below(7) as usize;
            let digit = char::from(b'0' + rng.below(10) as u8);
            text.replace_range(at..=at, digit.encode_utf8(&mut [0; 4]));
        }
        3 => {
            let at = 3 + rng.below(6) as usize;
            let swapped: String =
                [text.as_bytes()[at + 1], text.as_bytes()[at]].iter().map(|b| char::from(*b)).collect();
            text.replace_range(at..at + 2, &swapped);
        }
        4..=6 => text.replace_range(3..7, "****"),
        7..=14 => text.insert_str(0, "+86"),
        15..=20 => text = format!("{} {} {}", &text[..3], &text[3..7], &text[7..]),
        21 => text = "13800138000".to_owned(),
        _ => {}
    }
    row.push_str(&text);
}

fn email(names: &Names, h: &Human, rng: &mut Rng, row: &mut String) {
    const DOMAINS: [&str; 4] = ["mail.example", "post.example", "qmail.example", "example.com"];
    if rng.chance(0.5) {
        return;
    }
    let mut text = String::from(names.surnames[h.surname].0.pinyin);
    h.given.iter().flatten().for_each(|g| text.push_str(names.given[*g].pinyin));
    digits(&mut text, h.email, 2);
    if rng.chance(0.03) {
        let at = rng.below(text.len() as u64) as usize;
        text.remove(at);
    }
    let domain = if rng.chance(0.05) { rng.below(4) } else { h.email % 4 };
    row.push_str(&text);
    row.push('@');
    row.push_str(DOMAINS[domain as usize]);
}

fn birthday(h: &Human, rng: &mut Rng, row: &mut String) {
    let (mut y, mut m, mut d) = h.birth;
    match rng.below(100) {
        0..=34 => return,
        35..=37 => (y, m, d) = *rng.pick(&[(1900, 1, 1), (1970, 1, 1), (2000, 1, 1)]),
        38 if d <= 12 => (m, d) = (d, m),
        39 => d = 1 + (d + 9) % 28,
        40 => y += 1,
        _ => {}
    }
    row.push_str(&if rng.chance(0.2) { format!("{y}{m:02}{d:02}") } else { format!("{y}-{m:02}-{d:02}") });
}

fn home(h: &Human, rng: &mut Rng, row: &mut String) {
    let (city, seed) = if rng.chance(0.08) { h.former_home } else { h.home };
    let (name, province) = city_of(city);
    if rng.chance(0.8) {
        row.push_str(name);
    }
    row.push(',');
    if rng.chance(0.3) {
        return;
    }
    let (district, street) = address(city, seed);
    if rng.chance(0.7) {
        if !province.starts_with(name) {
            row.push_str(province);
        }
        row.push_str(name);
        row.push('市');
    }
    row.push_str(district);
    if rng.chance(0.2) {
        row.push_str(&street.replace('幢', "栋").replace('号', "號"));
    } else {
        row.push_str(&street);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(seed: u64) -> String {
        let mut out = Vec::new();
        write_customers(CustomerConfig { records: 3_000, seed }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_people_come_more_than_once() {
        let text = written(7);
        assert_eq!(text, written(7));
        assert_ne!(text, written(8));
        let mut people: Vec<&str> = text.lines().skip(1).filter_map(|l| l.split(',').next()).collect();
        let rows = people.len();
        people.sort_unstable();
        people.dedup();
        assert!(rows >= 3_000 && people.len() * 10 < rows * 8, "{rows} {}", people.len());
        assert!(text.lines().all(|l| l.split(',').count() == 9));
    }

    #[test]
    fn every_sign_of_the_tables_is_whole() {
        let names = Names::new();
        assert!(names.surnames.iter().all(|(s, _)| s.simple.len() == s.traditional.len() && !s.pinyin.is_empty()));
        assert!(names.given.iter().all(|s| s.simple.chars().count() == 1 && s.traditional.chars().count() == 1));
    }
}
