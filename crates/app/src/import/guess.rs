//! A first draft of a mapping, guessed from the names of the columns and the looks of their cells.

use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::Value;
use throughline_base::Problem;

use super::file::{self, Layout};
use super::mapping::{FileHints, Format, Mapping};
use super::reader::{Cells, Reader, Record};
use super::shipped;
use super::value::{self, Decimal};
use crate::Result;

/// Rows looked at.
const ROWS: usize = 100;
/// Samples shown of a column.
const SAMPLES: usize = 3;

/// A column with what it seems to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnGuess {
    /// Its name.
    pub name: String,
    /// Some of its values.
    pub sample: Vec<String>,
    /// The target it seems to have.
    pub guess: Option<String>,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// TOML of the mapping.
    pub toml: String,
    /// `events` or `ad_spend`.
    pub kind: &'static str,
    /// The layout found.
    pub format: Format,
    /// The encoding found.
    pub encoding: String,
    /// The sign between fields, for text tables.
    pub delimiter: Option<char>,
    /// The columns.
    pub columns: Vec<ColumnGuess>,
}

/// Names of columns (lower case, only letters and digits) and their targets, for events.
const NAMES: &[(&str, &str)] = &[
    (
        "userid uid customerid custid customer customerno memberid buyerid clientid accountid 用户id 客户id 客户编号 用户编号 会员id 买家id",
        "user_id",
    ),
    ("anonymousid visitorid cookieid clientuuid distinctid 匿名id 访客id", "anonymous_id"),
    (
        "phone mobile tel telephone phonenumber mobilephone cellphone 手机 手机号 手机号码 电话 联系电话 电话号码",
        "traits.phone",
    ),
    ("email emailaddress mail 邮箱 电子邮箱 电子邮件 邮件", "traits.email"),
    ("memberno membercard cardno membershipno loyaltyid 会员号 会员卡号 会员编号 卡号", "identifiers.member_no"),
    ("unionid", "identifiers.unionid"),
    ("openid", "identifiers.openid"),
    ("deviceid idfa oaid imei androidid 设备id 设备号", "identifiers.device_id"),
    ("name fullname customername username nickname 姓名 名字 客户姓名 会员姓名 客户名称", "traits.name"),
    ("firstname givenname 名", "traits.first_name"),
    ("lastname surname familyname 姓", "traits.last_name"),
    ("gender sex 性别", "traits.gender"),
    ("birthday birthdate dob dateofbirth 生日 出生日期", "traits.birthday"),
    ("city 城市 市", "traits.city"),
    ("province state region 省份 省", "traits.province"),
    ("country 国家", "properties.country"),
    ("address 地址 收货地址", "traits.address"),
    ("level tier memberlevel vip 会员等级 等级", "traits.member_level"),
    (
        "timestamp time datetime eventtime ts occurredat createdat orderdate invoicedate paidat orderedat purchasedate ordertime paytime date 时间 日期 下单时间 付款时间 支付时间 创建时间 成交时间 订单时间 发生时间",
        "timestamp",
    ),
    ("event eventname action activity eventtype 事件 事件名 事件名称 行为", "event"),
    ("messageid eventid 消息id 事件id", "message_id"),
    (
        "orderid orderno ordernumber invoiceno invoice invoiceid transactionid tradeno 订单号 订单编号 订单id 交易号",
        "properties.order_id",
    ),
    (
        "revenue amount total totalamount orderamount paidamount payamount sales grandtotal 金额 实付金额 订单金额 支付金额 总金额 成交金额 销售额",
        "properties.revenue",
    ),
    ("currency currencycode 币种 货币", "properties.currency"),
    ("quantity qty count units 数量 件数", "products.quantity"),
    ("price unitprice itemprice 单价 价格", "products.price"),
    ("sku stockcode productid itemid productcode itemcode 商品编码 商品id 货号 商品编号", "products.sku"),
    ("productname product itemname item description title 商品 商品名称 商品名 品名", "products.name"),
    ("category productcategory 类目 品类 分类", "products.category"),
    ("brand 品牌", "products.brand"),
    ("coupon couponcode promocode 优惠券 优惠码", "properties.coupon"),
    ("storeid store shop shopid branch 门店 店铺 门店编号", "properties.store_id"),
    ("sessionid session 会话id", "properties.session_id"),
    ("channel acquisitionchannel 渠道 来源渠道", "properties.channel"),
    ("campaign campaignname 活动 推广计划", "properties.campaign"),
    ("utmsource", "context.campaign.source"),
    ("utmmedium", "context.campaign.medium"),
    ("utmcampaign", "context.campaign.name"),
    ("url pageurl page link 链接 页面", "context.page.url"),
    ("referrer referer 来源", "context.page.referrer"),
    ("useragent", "context.userAgent"),
    ("ip ipaddress", "context.ip"),
];

/// The same for ad spend.
const SPEND_NAMES: &[(&str, &str)] = &[
    ("date day time datetime statdate reportdate 日期 时间 天", "date"),
    ("channel media platform source network adplatform medium 渠道 媒体 平台 投放渠道 广告平台", "channel"),
    ("campaign campaignname adcampaign plan campaignid 计划 活动 推广计划 广告计划 计划名称 活动名称", "campaign"),
    ("impressions impression views imps shows 展示 展现 曝光 展示数 展现量 曝光量 曝光数", "impressions"),
    ("clicks click 点击 点击数 点击量", "clicks"),
    ("cost spend spent amountspent adspend amount 花费 消耗 费用 成本 消费", "cost"),
    ("currency currencycode 币种 货币", "currency"),
];

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn named(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    let name = plain(name);
    table.iter().find(|(names, _)| names.split(' ').any(|n| n == name)).map(|(_, target)| *target)
}

/// Looks at a file and drafts a mapping.
///
/// # Errors
/// When the file cannot be read or has no rows.
pub fn guess(path: &Path, file_name: &str) -> Result<Guess> {
    let layout = file::look(path, &FileHints::default())?;
    let mut reader = Reader::open(path, &layout)?;
    let mut records = Vec::new();
    while records.len() < ROWS
        && let Some(record) = reader.next(path)?
    {
        records.push(record);
    }
    let columns = names(reader.columns(), &records);
    if columns.is_empty() || records.is_empty() {
        return Err(Problem::invalid("import_file", "the file has no rows; the first line must name the columns"));
    }
    let cells = |name: &str| -> Vec<String> {
        let place = reader.columns().iter().position(|c| c == name);
        let text = |r: &Record| r.cell(name, place).map(value::text_of).filter(|t| !t.is_empty());
        records.iter().filter_map(text).collect()
    };
    let spend = is_spend(&columns);
    let mut found: Vec<(String, Vec<String>, Option<String>)> = Vec::new();
    for name in &columns {
        let cells = cells(name);
        let mut target = if spend { named(SPEND_NAMES, name) } else { named(NAMES, name).or_else(|| looks(&cells)) };
        if target.is_some_and(|t| found.iter().any(|(_, _, other)| other.as_deref() == Some(t))) {
            target = None;
        }
        found.push((name.clone(), cells, target.map(str::to_owned)));
    }
    if !spend {
        complete(&mut found);
    }
    let toml = match shipped::fitting(reader.columns()) {
        Some(text) => text.to_owned(),
        None => write(&found, spend, file_name, &layout),
    };
    if let Ok(m) = Mapping::parse(&toml) {
        for (name, _, target) in &mut found {
            *target = m.columns.iter().find(|(c, _, _)| c == name).map(|(_, t, _)| t.to_string());
        }
    }
    Ok(Guess {
        toml,
        kind: if spend { "ad_spend" } else { "events" },
        format: layout.format,
        encoding: layout.encoding.name().to_owned(),
        delimiter: matches!(layout.format, Format::Csv | Format::Tsv).then(|| char::from(layout.delimiter)),
        columns: found
            .into_iter()
            .map(|(name, cells, guess)| {
                let short = |t: String| t.chars().take(80).collect::<String>();
                let mut sample: Vec<String> = Vec::new();
                for c in cells {
                    if sample.len() < SAMPLES && !sample.contains(&c) {
                        sample.push(c);
                    }
                }
                ColumnGuess { name, sample: sample.into_iter().map(short).collect(), guess }
            })
            .collect(),
    })
}

/// The columns of a file; for JSON Lines the names in the rows seen, parts of objects by path.
fn names(columns: &[String], records: &[Record]) -> Vec<String> {
    if !columns.is_empty() {
        return columns.to_vec();
    }
    let mut out: Vec<String> = Vec::new();
    let mut add = |name: String| {
        if out.len() < 500 && !out.contains(&name) {
            out.push(name);
        }
    };
    for r in records {
        let Cells::Object(o) = &r.cells else { continue };
        for (name, v) in o {
            match v {
                Value::Object(inner) => inner.keys().for_each(|k| add(format!("{name}.{k}"))),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                    add(name.clone());
                }
            }
        }
    }
    out
}

fn is_spend(columns: &[String]) -> bool {
    let has = |target: &str| columns.iter().any(|c| named(SPEND_NAMES, c) == Some(target));
    let whose = columns
        .iter()
        .filter_map(|c| named(NAMES, c))
        .any(|t| matches!(t, "user_id" | "anonymous_id" | "traits.phone" | "traits.email" | "properties.order_id"));
    has("date") && has("cost") && (has("channel") || has("campaign")) && !whose
}

/// What cells look like when their column's name says nothing.
fn looks(cells: &[String]) -> Option<&'static str> {
    let most = |f: fn(&str) -> bool| cells.len() >= 3 && cells.iter().filter(|c| f(c)).count() * 10 >= cells.len() * 9;
    if most(|c| c.contains('@') && c.rsplit('@').next().is_some_and(|d| d.contains('.')) && !c.contains(' ')) {
        return Some("traits.email");
    }
    if most(|c| c.len() == 11 && c.starts_with('1') && c.bytes().all(|b| b.is_ascii_digit())) {
        return Some("traits.phone");
    }
    let time = |c: &str| {
        c.len() >= 8 && c.contains(['-', '/', '年']) && value::instant(&c.into(), None, &TimeZone::UTC).is_some()
    };
    most(time).then_some("timestamp")
}

/// Columns without a target become traits or properties of their own name.
fn complete(found: &mut [(String, Vec<String>, Option<String>)]) {
    let events = found
        .iter()
        .any(|(_, _, t)| matches!(t.as_deref(), Some("event" | "properties.order_id" | "properties.revenue")));
    let grouped = found.iter().any(|(_, _, t)| t.as_deref() == Some("properties.order_id"));
    for (name, _, target) in found.iter_mut() {
        // Amounts of an item are the event's own when nothing groups items.
        if let Some(t) = target.as_mut()
            && !grouped
            && let Some(rest) = t.strip_prefix("products.")
        {
            *t = if events { format!("properties.{rest}") } else { format!("traits.{rest}") };
        }
        if target.is_none() {
            let key: String =
                name.trim().to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
            let key = key.trim_matches('_').to_owned();
            if !key.is_empty() {
                *target = Some(format!("{}.{key}", if events { "properties" } else { "traits" }));
            }
        }
    }
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

fn write(found: &[(String, Vec<String>, Option<String>)], spend: bool, file_name: &str, layout: &Layout) -> String {
    let stem = file_name.split('.').next().unwrap_or("import");
    let has = |target: &str| found.iter().find(|(_, _, t)| t.as_deref() == Some(target));
    let mut out = format!("kind = \"{}\"\nname = {}\n", if spend { "ad_spend" } else { "events" }, quoted(stem));
    if layout.encoding != encoding_rs::UTF_8 && layout.format != Format::Parquet {
        out += &format!("\n[file]\nencoding = \"{}\"\n", layout.encoding.name().to_lowercase());
    }
    let order = has("properties.order_id");
    if !spend {
        out += &format!("\n[source]\nname = {}\n\n[event]\n", quoted(stem));
        out += if has("event").is_some() {
            "type = \"track\"\n"
        } else if order.is_some() {
            "type = \"track\"\nname = \"Order Completed\"\n"
        } else if has("properties.revenue").is_some() {
            "type = \"track\"\nname = \"Purchase\"\n"
        } else {
            "type = \"identify\"\n"
        };
    }
    out += "\n# The zone of times without one.\n[time]\nzone = \"Asia/Shanghai\"\n\n[columns]\n";
    for (name, _, target) in found {
        if let Some(target) = target {
            out += &format!("{} = {}\n", quoted(name), quoted(target));
        }
    }
    if let (false, Some((column, _, _)), None) = (spend, order, has("event")) {
        out += &format!(
            "\n# Lines of an order that follow each other become one event.\n[group]\nby = [{}]\n",
            quoted(column)
        );
        let amounts = has("products.quantity").zip(has("products.price"));
        if let (Some((q, p)), None) = (amounts, has("properties.revenue"))
            && [&q.1, &p.1].into_iter().all(|cells| cells.iter().all(|c| Decimal::parse(c).is_some()))
        {
            let sum = quoted(&format!("{} * {}", q.0, p.0));
            out += &format!("\n[[compute]]\ntarget = \"properties.revenue\"\nsum = {sum}\ndecimals = 2\n");
        }
    }
    out
}
