//! What a field holds, told by its name: `e_mail`, `emailAddress` and `Email` are one field.

use super::walk::Part;

/// A name in lower case without `_`, `-`, `.`, `$` and blanks, on the stack. Names that are too long fold to nothing.
pub(super) struct Folded {
    bytes: [u8; 32],
    len: usize,
}

impl Folded {
    pub(super) fn new(key: &str) -> Self {
        let mut out = Self { bytes: [0; 32], len: 0 };
        for b in key.bytes() {
            if matches!(b, b'_' | b'-' | b'.' | b'$' | b' ') {
                continue;
            }
            if out.len == out.bytes.len() {
                out.len = 0;
                return out;
            }
            out.bytes[out.len] = b.to_ascii_lowercase();
            out.len += 1;
        }
        out
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn is_any(&self, names: &[&str]) -> bool {
        names.iter().any(|n| n.as_bytes() == self.as_bytes())
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldKind {
    Email,
    Phone,
    Name,
    Birthday,
    Gender,
    Country,
    Province,
    Currency,
    Url,
    Other,
}

/// What a field of this name holds in this part of an event. Properties have names of products and genders of
/// clothes, so there fewer names mean something.
pub(super) fn kind_of(part: Part, key: &Folded) -> FieldKind {
    let everywhere = match key.as_bytes() {
        b"url" | b"referrer" | b"referer" | b"search" | b"href" | b"link" | b"landingpage" | b"landingurl"
        | b"pageurl" | b"currenturl" | b"initialreferrer" | b"initialcurrenturl" | b"latestreferrer"
        | b"latestlandingpage" => FieldKind::Url,
        b"email" | b"emailaddress" | b"mail" => FieldKind::Email,
        b"phone" | b"mobile" | b"phonenumber" | b"mobilephone" | b"cellphone" | b"telephone" | b"mobilenumber" => {
            FieldKind::Phone
        }
        b"currency" | b"currencycode" => FieldKind::Currency,
        _ => FieldKind::Other,
    };
    match part {
        Part::Context => match everywhere {
            FieldKind::Url => FieldKind::Url,
            FieldKind::Email
            | FieldKind::Phone
            | FieldKind::Name
            | FieldKind::Birthday
            | FieldKind::Gender
            | FieldKind::Country
            | FieldKind::Province
            | FieldKind::Currency
            | FieldKind::Other => FieldKind::Other,
        },
        Part::Properties => everywhere,
        Part::Traits if everywhere == FieldKind::Other => of_trait(key),
        Part::Traits => everywhere,
    }
}

fn of_trait(key: &Folded) -> FieldKind {
    match key.as_bytes() {
        b"name" | b"firstname" | b"lastname" | b"fullname" | b"givenname" | b"familyname" | b"surname"
        | b"realname" => FieldKind::Name,
        b"birthday" | b"birthdate" | b"dateofbirth" | b"dob" => FieldKind::Birthday,
        b"gender" | b"sex" => FieldKind::Gender,
        b"country" | b"countrycode" => FieldKind::Country,
        b"province" => FieldKind::Province,
        _ if key.is_any(&["邮箱", "电子邮箱"]) => FieldKind::Email,
        _ if key.is_any(&["手机", "手机号", "电话", "手机号码"]) => FieldKind::Phone,
        _ if key.is_any(&["姓名"]) => FieldKind::Name,
        _ if key.is_any(&["生日", "出生日期"]) => FieldKind::Birthday,
        _ if key.is_any(&["性别"]) => FieldKind::Gender,
        _ if key.is_any(&["国家"]) => FieldKind::Country,
        _ if key.is_any(&["省", "省份"]) => FieldKind::Province,
        _ => FieldKind::Other,
    }
}

/// The namespace of an identifier that a trait, a context field or an id map holds under this name.
pub(super) fn namespace_of(key: &Folded) -> Option<&'static str> {
    Some(match key.as_bytes() {
        b"userid" | b"loginid" => "user_id",
        b"anonymousid" | b"cookieid" => "anonymous_id",
        b"phone" | b"mobile" | b"phonenumber" | b"mobilephone" | b"cellphone" | b"telephone" | b"mobilenumber" => {
            "phone"
        }
        b"email" | b"emailaddress" | b"mail" => "email",
        b"memberno" | b"membernumber" | b"membershipno" | b"membershipnumber" | b"cardno" | b"membercardno" => {
            "member_no"
        }
        b"unionid" | b"wechatunionid" => "unionid",
        b"openid" | b"wechatopenid" => "openid",
        b"externaluserid" | b"wecomexternaluserid" => "external_userid",
        b"buyerid" => "buyer_id",
        b"deviceid" | b"advertisingid" | b"idfa" | b"idfv" | b"gaid" | b"oaid" | b"iosid" | b"iosidfa"
        | b"androidid" | b"androididfa" => "device_id",
        b"pushtoken" | b"devicetoken" | b"iospushtoken" | b"androidpushtoken" => "push_token",
        _ if key.is_any(&["手机", "手机号", "电话", "手机号码"]) => "phone",
        _ if key.is_any(&["邮箱", "电子邮箱"]) => "email",
        _ if key.is_any(&["会员号", "会员卡号"]) => "member_no",
        _ => return None,
    })
}
