//! What the brand sells: about 300 articles in cosmetics, skincare, fragrance, home textiles, candles and tableware.

use throughline_base::Rng;

use crate::text::{amount, field};

/// An article.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    /// List price, minor units of CNY.
    pub(crate) price_minor: i64,
    /// The fields of Segment's product object that never change: `"product_id":…` to `"margin":…`, without braces.
    pub(crate) json: String,
    /// Slug of its page.
    pub(crate) path: String,
}

struct Range {
    category: (&'static str, &'static str),
    prefix: &'static str,
    /// (English, Chinese, price in yuan)
    items: &'static [(&'static str, &'static str, i64)],
    /// (English, Chinese, per cent of the price)
    variants: &'static [(&'static str, &'static str, i64)],
    margin: f64,
}

const RANGES: [Range; 7] = [
    Range {
        category: ("Skincare", "护肤"),
        prefix: "SK",
        items: &[
            ("Amino Cleanser", "氨基酸洁面乳", 128),
            ("Balancing Toner", "平衡爽肤水", 168),
            ("Dew Serum", "露光精华液", 398),
            ("Barrier Cream", "修护面霜", 328),
            ("Night Mask", "夜间睡眠面膜", 258),
            ("Eye Cream", "眼霜", 298),
            ("Sun Fluid SPF50", "防晒乳 SPF50", 198),
            ("Body Lotion", "身体乳", 148),
            ("Hand Cream", "护手霜", 68),
            ("Sheet Mask Box", "面膜礼盒", 188),
            ("Micellar Water", "卸妆水", 118),
            ("Face Oil", "面部精油", 358),
            ("Lip Balm", "润唇膏", 58),
        ],
        variants: &[
            ("Moss Dew", "苔露", 100),
            ("Lark Song", "雀语", 112),
            ("White Tea", "白茶", 96),
            ("Sea Buckthorn", "沙棘", 105),
            ("Camellia", "山茶", 118),
            ("Rice Bloom", "米花", 90),
        ],
        margin: 0.72,
    },
    Range {
        category: ("Makeup", "彩妆"),
        prefix: "MU",
        items: &[
            ("Velvet Lipstick", "丝绒口红", 158),
            ("Lip Glaze", "镜面唇釉", 128),
            ("Cushion Foundation", "气垫粉底", 238),
            ("Cream Blush", "膏状腮红", 118),
            ("Brow Pencil", "眉笔", 88),
            ("Loose Powder", "散粉", 168),
            ("Eyeshadow Palette", "眼影盘", 228),
        ],
        variants: &[
            ("Persimmon", "柿子红", 100),
            ("Rosewood", "檀木玫瑰", 100),
            ("Bean Paste", "豆沙", 100),
            ("Maple", "枫叶", 100),
            ("Ivory", "象牙白", 100),
            ("Sand", "沙色", 100),
            ("Plum", "乌梅", 105),
            ("Peach", "蜜桃", 100),
            ("Cocoa", "可可", 105),
        ],
        margin: 0.68,
    },
    Range {
        category: ("Fragrance", "香氛"),
        prefix: "FR",
        items: &[
            ("Eau de Parfum 30 ml", "淡香精 30ml", 358),
            ("Eau de Parfum 75 ml", "淡香精 75ml", 688),
            ("Hair Mist", "发香喷雾", 168),
        ],
        variants: &[
            ("Rain on Moss", "雨后青苔", 100),
            ("Osmanthus Lane", "桂花巷", 105),
            ("Paper and Ink", "纸墨", 108),
            ("Fig Courtyard", "无花果院", 100),
            ("Cedar Gate", "雪松门", 102),
            ("Morning Tea", "早茶", 96),
            ("Salt Wind", "海盐风", 100),
            ("Iris Hill", "鸢尾山", 110),
        ],
        margin: 0.75,
    },
    Range {
        category: ("Home textiles", "家纺"),
        prefix: "HT",
        items: &[
            ("Linen Duvet Set", "亚麻四件套", 899),
            ("Pillowcase Pair", "枕套一对", 169),
            ("Bath Towel", "浴巾", 129),
            ("Waffle Robe", "华夫格浴袍", 369),
            ("Wool Throw", "羊毛盖毯", 459),
            ("Table Runner", "桌旗", 149),
            ("Cushion Cover", "抱枕套", 99),
            ("Linen Curtain", "亚麻窗帘", 529),
        ],
        variants: &[
            ("Fog", "雾灰", 100),
            ("Moss", "苔绿", 100),
            ("Oat", "燕麦", 100),
            ("Indigo", "靛蓝", 104),
            ("Clay", "陶土", 100),
            ("Plain White", "本白", 95),
        ],
        margin: 0.55,
    },
    Range {
        category: ("Candles", "香薰蜡烛"),
        prefix: "CA",
        items: &[
            ("Candle 120 g", "蜡烛 120g", 128),
            ("Candle 220 g", "蜡烛 220g", 208),
            ("Reed Diffuser", "藤条香薰", 238),
        ],
        variants: &[
            ("Rain on Moss", "雨后青苔", 100),
            ("Osmanthus Lane", "桂花巷", 100),
            ("Pine Smoke", "松烟", 100),
            ("Fig Courtyard", "无花果院", 100),
            ("Orange Peel", "陈皮", 96),
            ("Tea House", "茶室", 100),
            ("Snow Plum", "雪梅", 108),
            ("Hearth", "炉火", 104),
        ],
        margin: 0.64,
    },
    Range {
        category: ("Tableware", "餐具"),
        prefix: "TW",
        items: &[
            ("Rice Bowl", "饭碗", 58),
            ("Soup Plate", "汤盘", 79),
            ("Dinner Plate", "餐盘", 89),
            ("Tea Cup", "茶杯", 68),
            ("Teapot", "茶壶", 298),
            ("Serving Bowl", "大汤碗", 168),
            ("Mug", "马克杯", 88),
            ("Vase", "花器", 228),
            ("Chopstick Rest Set", "筷架一套", 59),
            ("Sake Set", "酒器一套", 268),
            ("Cake Stand", "蛋糕架", 198),
        ],
        variants: &[
            ("Celadon", "青瓷", 110),
            ("Tenmoku", "天目", 115),
            ("Ash Glaze", "灰釉", 100),
            ("Snow", "雪白", 92),
            ("Iron Dot", "铁斑", 104),
        ],
        margin: 0.58,
    },
    Range {
        category: ("Gift sets", "礼盒"),
        prefix: "GS",
        items: &[("Bath Gift Set", "沐浴礼盒", 368), ("Skincare Travel Set", "护肤旅行装", 258)],
        variants: &[("Spring", "春", 100), ("Summer", "夏", 100), ("Autumn", "秋", 105), ("Winter", "冬", 112)],
        margin: 0.6,
    },
];

/// All articles, best sellers spread over the ranges.
pub(crate) fn catalogue() -> Vec<Product> {
    let mut out = Vec::new();
    for range in &RANGES {
        for (i, item) in range.items.iter().enumerate() {
            for (v, variant) in range.variants.iter().enumerate() {
                out.push(product(range, i, item, v, variant));
            }
        }
    }
    out
}

fn product(range: &Range, i: usize, item: &(&str, &str, i64), v: usize, variant: &(&str, &str, i64)) -> Product {
    let sku = format!("{}{:02}{:02}", range.prefix, i + 1, v + 1);
    // Prices end in whole yuan: `…8` or `…9`, as they do in shops.
    let price_minor = (item.2 * variant.2 / 100) * 100;
    let mut json = String::new();
    field(&mut json, "product_id", &sku);
    field(&mut json, "sku", &sku);
    field(&mut json, "name", &format!("{}{}", variant.1, item.1));
    field(&mut json, "name_en", &format!("{} {}", variant.0, item.0));
    field(&mut json, "brand", crate::DemoBrand::NAME_ZH);
    field(&mut json, "category", range.category.1);
    field(&mut json, "category_en", range.category.0);
    amount(&mut json, "price", price_minor);
    amount(&mut json, "margin", (price_minor as f64 * range.margin) as i64);
    let path = format!("/products/{}", sku.to_lowercase());
    Product { price_minor, json, path }
}

/// An article: a few sell much, many sell little.
pub(crate) fn draw(rng: &mut Rng, count: usize) -> usize {
    let u = rng.unit();
    // Popularity falls off like a power law; the stride scatters the best sellers over the ranges.
    let rank = (u * u * count as f64) as usize;
    rank * 97 % count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_three_hundred_articles_have_unique_numbers_and_prices() {
        let all = catalogue();
        assert!((260..=340).contains(&all.len()), "{}", all.len());
        let mut skus: Vec<_> = all.iter().map(|p| &p.path).collect();
        skus.sort();
        skus.dedup();
        assert_eq!(skus.len(), all.len());
        assert!(all.iter().all(|p| (3_000..=120_000).contains(&p.price_minor)));
        let mut rng = Rng::seeded(3);
        assert!((0..1000).all(|_| draw(&mut rng, all.len()) < all.len()));
    }
}
