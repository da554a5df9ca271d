//! What a column means, from its name, else from the looks of its cells.

use throughline_domain::identity::matching::Part;

/// Names of columns (lower case, only letters and digits) by meaning.
const NAMES: &[(&str, Part)] = &[
    (
        "name fullname customername contactname clientname personname membername 姓名 名字 客户姓名 会员姓名 联系人 收货人 收件人",
        Part::Name,
    ),
    ("givenname firstname forename fname given first 名", Part::GivenName),
    ("surname lastname familyname lname sname family last 姓 姓氏", Part::Surname),
    ("middlename middleinitial middle mi initial", Part::MiddleName),
    ("dob dateofbirth birthday birthdate bday born 生日 出生日期 出生年月", Part::Birthday),
    (
        "phone phonenumber telephone tel mobile mobilephone mobilenumber cell cellphone landline fax 手机 手机号 手机号码 电话 电话号码 联系电话 固定电话 联系方式",
        Part::Phone,
    ),
    ("email emailaddress mail 邮箱 电子邮箱 电子邮件 邮件 邮箱地址", Part::Email),
    (
        "address address1 address2 address3 addressline1 addressline2 addressline3 addr addr1 addr2 street streetaddress streetname streetnumber housenumber houseno housename unitnumber unit apartment apt suite flat pobox road building 地址 详细地址 收货地址 联系地址 家庭地址 街道 门牌号",
        Part::Address,
    ),
    ("postcode postalcode zip zipcode postal 邮编 邮政编码", Part::Postcode),
    ("city town suburb locality village 城市 市", Part::City),
    ("state statecode province region county territory 省 省份 州", Part::State),
    ("sex gender 性别", Part::Category),
    ("entitytype recordtype objecttype", Part::Type),
    (
        "company companyname organisation organization organisationname organizationname employer employername accountname 公司 公司名称 单位 工作单位",
        Part::Text,
    ),
    (
        "ssn socsecid socialsecurity socialsecuritynumber socialsecurityno nationalid nationalinsurancenumber nino nhsnumber sin tin taxid taxnumber passport passportno passportnumber idnumber idno idcard idcardno driverslicense driverslicence licensenumber licencenumber memberno membershipno membershipnumber membernumber loyaltyno loyaltynumber cardno duns dunsnumber vatnumber linkedin linkedinurl wechat wechatid unionid 身份证 身份证号 身份证号码 证件号 证件号码 护照 护照号 会员号 会员卡号 会员编号 微信号",
        Part::Number,
    ),
];

/// Words before a name that only say whose it is.
const WHOSE: &[&str] = &[
    "mailing",
    "home",
    "residential",
    "residence",
    "customer",
    "contact",
    "person",
    "billing",
    "shipping",
    "delivery",
    "recipient",
    "receiver",
    "patient",
    "client",
    "member",
    "primary",
    "current",
    "work",
    "客户",
    "会员",
    "收货",
    "联系人",
];

/// Words that make a column somebody else's or another thing's.
const FOREIGN: &[&str] =
    &["employer", "spouse", "guarantor", "emergency", "insurer", "agent", "store", "shop", "branch"];

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The meaning of a column by its name.
pub(super) fn named(name: &str) -> Option<Part> {
    let name = plain(name);
    let known = |n: &str| NAMES.iter().find(|(names, _)| names.split(' ').any(|x| x == n)).map(|(_, part)| *part);
    if let Some(part) = known(&name) {
        return Some(part);
    }
    if FOREIGN.iter().any(|w| name.starts_with(w)) {
        return None;
    }
    // phone2, email_1
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if let Some(part) = known(bare) {
        return Some(part);
    }
    // mailing_address_city, customer_phone
    let rest = WHOSE.iter().find_map(|w| bare.strip_prefix(w))?;
    known(rest).or_else(|| known(rest.strip_prefix("address")?))
}

/// The meaning of a column by its cells, where nine in ten of at least twenty look alike.
pub(super) fn looks(cells: &[&str]) -> Option<Part> {
    let known: Vec<&str> = cells.iter().map(|c| c.trim()).filter(|c| !c.is_empty()).collect();
    let most = |f: fn(&str) -> bool| known.len() >= 20 && known.iter().filter(|c| f(c)).count() * 10 >= known.len() * 9;
    if most(|c| c.split('@').count() == 2 && c.rsplit('@').next().is_some_and(|d| d.contains('.')) && !c.contains(' '))
    {
        return Some(Part::Email);
    }
    if most(|c| c.len() == 11 && c.starts_with('1') && c.bytes().all(|b| b.is_ascii_digit())) {
        return Some(Part::Phone);
    }
    if most(is_resident_number) {
        return Some(Part::Number);
    }
    most(is_chinese_name).then_some(Part::Name)
}

/// A Chinese resident identity number: 17 digits and a check sign (GB 11643).
fn is_resident_number(cell: &str) -> bool {
    let b = cell.as_bytes();
    b.len() == 18 && b[..17].iter().all(u8::is_ascii_digit) && (b[17].is_ascii_digit() || matches!(b[17], b'X' | b'x'))
}

/// Two to four Chinese characters that begin with one of the surnames that most people have.
fn is_chinese_name(cell: &str) -> bool {
    const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文張劉陳楊趙黃吳孫馬羅鄭謝韓馮許鄧蕭";
    let count = cell.chars().count();
    (2..=4).contains(&count)
        && cell.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
        && cell.chars().next().is_some_and(|c| SURNAMES.contains(c))
}

/// Whether a name is that of a column that numbers the records of a file.
pub(super) fn is_key(name: &str) -> bool {
    matches!(
        plain(name).as_str(),
        "id" | "recid" | "recordid" | "uniqueid" | "rowid" | "key" | "uuid" | "guid" | "编号" | "序号"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_by_name_in_both_languages() {
        for (name, want) in [
            ("first_name", Some(Part::GivenName)),
            ("Surname ", Some(Part::Surname)),
            ("date_of_birth", Some(Part::Birthday)),
            ("soc_sec_id", Some(Part::Number)),
            ("mailing_address_street_name", Some(Part::Address)),
            ("mailing_address_po_box", Some(Part::Address)),
            ("mailing_street_name", Some(Part::Address)),
            ("phone2", Some(Part::Phone)),
            ("客户手机", Some(Part::Phone)),
            ("姓名", Some(Part::Name)),
            ("employer_city", None),
            ("employer_name", Some(Part::Text)),
            ("cluster", None),
            ("rec_id", None),
            ("address_2", Some(Part::Address)),
        ] {
            assert_eq!(named(name), want, "{name}");
        }
    }

    #[test]
    fn columns_without_a_telling_name_are_known_by_their_cells() {
        let of = |cell: &'static str| looks(&[cell; 20]);
        assert_eq!(of("a@b.example"), Some(Part::Email));
        assert_eq!(of("13912345678"), Some(Part::Phone));
        assert_eq!(of("11010519491231002X"), Some(Part::Number));
        assert_eq!(of("欧阳"), None, "not one of the hundred surnames");
        assert_eq!(of("王小明"), Some(Part::Name));
        assert_eq!(looks(&["13912345678"; 3]), None);
    }
}
