//! Characters of Chinese names: compound surnames, and traditional forms with their simplified ones.
//!
//! The table covers the characters that are common in names; a character that is missing stays as it is. It was checked
//! against OpenCC's character table.

/// Compound surnames in use.
const COMPOUND: &str = "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 \
慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 \
东郭 南门 羊舌 微生 公户 公玉 公仪 梁丘 公仲 公上 公门 公山 公坚 左丘 公伯 西门 公祖 第五 公乘 贯丘 公皙 南荣 东里 东宫 仲长 子书 子桑 即墨 \
达奚 褚师 纳兰 完颜 叶赫 那拉 爱新 耶律 西陵 范姜";

/// Whether two simplified characters are a surname.
pub(crate) fn is_compound_surname(two: &str) -> bool {
    COMPOUND.split(' ').any(|s| s == two)
}

/// The simplified form of a character.
pub(crate) fn simplified_char(c: char) -> char {
    if !('\u{4e00}'..='\u{9fff}').contains(&c) {
        return c;
    }
    PAIRS.binary_search_by_key(&c, |(traditional, _)| *traditional).map_or(c, |i| PAIRS[i].1)
}

/// Characters that are read otherwise when they are a surname.
pub(crate) fn surname_reading(c: char) -> Option<&'static str> {
    Some(match c {
        '单' => "shan",
        '仇' => "qiu",
        '解' => "xie",
        '查' => "zha",
        '曾' => "zeng",
        '朴' => "piao",
        '区' => "ou",
        '任' => "ren",
        '盖' => "ge",
        '乐' => "yue",
        '尉' => "yu",
        '种' => "chong",
        '秘' => "bi",
        '繁' => "po",
        '员' => "yun",
        '覃' => "qin",
        '缪' => "miao",
        '翟' => "zhai",
        '燕' => "yan",
        '黑' => "he",
        '折' => "she",
        '万' => "wan",
        '洗' => "xian",
        _ => return None,
    })
}

/// Number of pairs.
const COUNT: usize = 971;

/// Traditional and simplified characters, by the code of the traditional one.
static PAIRS: [(char, char); COUNT] = pairs(TEXT);

/// Cuts text into pairs of characters of three UTF-8 bytes each.
const fn pairs(text: &str) -> [(char, char); COUNT] {
    let mut out = [('\0', '\0'); COUNT];
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < COUNT {
        out[i] = (three(bytes, i * 6), three(bytes, i * 6 + 3));
        i += 1;
    }
    out
}

const fn three(bytes: &[u8], at: usize) -> char {
    let (a, b, c) = (bytes[at] as u32 & 0xf, bytes[at + 1] as u32 & 0x3f, bytes[at + 2] as u32 & 0x3f);
    match char::from_u32(a << 12 | b << 6 | c) {
        Some(c) => c,
        None => panic!("every character of the table is in the basic plane"),
    }
}

const TEXT: &str = "\
亂乱亞亚來来侶侣俠侠倉仓個个們们倖幸倫伦偉伟側侧偵侦偽伪傑杰備备傢家傭佣傳传債债傷伤傾倾僅仅僑侨僞伪價价儀仪儁俊\
億亿儉俭償偿優优儲储兒儿內内兩两冊册凈净凍冻凜凛凱凯別别刪删則则剋克剎刹剛刚創创劇剧劉刘劍剑劑剂勁劲動动務务勛勋\
勝胜勞劳勢势勳勋勵励勸劝勻匀匯汇區区協协卻却厙厍厠厕厤历厭厌厲厉參参吳吴吶呐呂吕員员啓启啞哑啟启喚唤喬乔單单嗚呜\
嘆叹嘗尝嘯啸噁恶噴喷噹当嚐尝嚮向嚴严囌苏囑嘱國国圍围園园圓圆圖图團团垻坝執执堅坚報报場场塊块塒埘塗涂塢坞塵尘墊垫\
墜坠墰坛墳坟墾垦壇坛壓压壘垒壜坛壞坏壟垄壩坝壯壮壽寿夠够夢梦夥伙夾夹奧奥奪夺奬奖奮奋妝妆娛娱婁娄婦妇婭娅媽妈嫵妩\
嫺娴嫻娴嬈娆嬋婵嬌娇嬰婴孫孙學学宮宫實实寧宁審审寫写寬宽寵宠寶宝將将專专尋寻對对導导層层屬属岡冈峯峰島岛峽峡崗岗\
嵐岚嵗岁嶺岭嶽岳巖岩帥帅師师帳帐帶带幟帜幣币幫帮幹干幾几庫库廁厕廂厢廈厦廕荫廟庙廠厂廢废廣广廬庐廳厅張张強强彆别\
彈弹彌弥彎弯彔录彙汇彥彦後后徑径從从復复徵征徹彻恆恒悅悦惡恶愛爱態态慘惨慮虑慶庆慼戚憂忧憐怜憑凭憤愤憲宪憶忆懇恳\
應应懞蒙懲惩懶懒懷怀懼惧懾慑戀恋戰战戲戏戶户拋抛掃扫掛挂揚扬換换揮挥損损搶抢摯挚撓挠撫抚撲扑擇择擊击擔担據据擠挤\
擬拟擲掷擴扩攜携攝摄敗败敘叙敵敌數数斃毙斬斩斷断時时晉晋暈晕暢畅暫暂曄晔曆历曇昙曉晓曏向曠旷曬晒書书會会朮术東东\
柵栅査查條条棄弃棟栋楊杨楓枫業业極极榦干榮荣構构槍枪樂乐樑梁標标樣样樸朴樹树樺桦橋桥機机檔档檢检檯台櫻樱欄栏權权\
欒栾欖榄欽钦歎叹歐欧歡欢歲岁歷历歸归殘残殲歼殺杀殻壳殼壳毀毁氣气決决沒没沖冲況况涼凉淚泪淨净淩凌淪沦淵渊淺浅減减\
渦涡測测渾浑湊凑湧涌湯汤溝沟溫温溼湿滄沧滅灭滙汇滾滚滿满漁渔漢汉漸渐漿浆潑泼潔洁潤润潰溃澀涩澆浇澇涝澤泽濃浓濕湿\
濛蒙濟济濤涛濰潍濱滨瀅滢瀋沈瀏浏瀘泸瀟潇瀰弥瀾澜灃沣灑洒灕漓灣湾為为烏乌無无煉炼煙烟煩烦熱热燈灯燒烧營营燦灿燬毁\
燭烛爍烁爐炉爛烂爭争爲为爺爷爾尔牽牵猶犹獅狮獎奖獨独獲获獵猎獸兽獻献現现瑣琐瑤瑶瑩莹璉琏璡琎璣玑環环璽玺瓊琼瓏珑\
瓚瓒產产産产甦苏甯宁畝亩畢毕畫画異异畵画當当疇畴疊叠瘋疯瘡疮療疗癢痒癲癫發发皚皑監监盤盘盧卢盪荡眞真眾众矇蒙矯矫\
硃朱碩硕確确碼码磚砖礎础祿禄禍祸禕祎禦御禪禅禮礼禱祷種种稱称穀谷積积穎颖穩稳穫获窮穷竇窦竊窃竪竖競竞筆笔箇个箋笺\
節节範范築筑篤笃簡简簫箫籃篮糧粮糰团紀纪約约紅红紈纨紋纹純纯級级紡纺細细紳绅紹绍終终組组結结絕绝絡络給给絨绒統统\
絲丝絶绝絹绢綉绣經经綠绿維维網网綵彩綸纶綺绮綾绫綿绵緊紧緑绿緒绪緣缘緯纬練练緻致縣县縴纤總总繆缪織织繡绣繪绘繼继\
繽缤續续纓缨纔才纖纤罈坛罎坛罰罚羅罗羣群羨羡義义習习翹翘聖圣聞闻聯联聰聪聲声聶聂職职聽听肅肃脈脉腎肾腦脑腸肠膚肤\
膠胶膽胆臟脏臨临臺台與与興兴舉举舊旧舘馆艦舰艷艳荊荆莊庄莖茎華华菸烟萊莱萬万葉叶葯药蒼苍蓆席蓋盖蓮莲蔔卜蔘参蔣蒋\
蔭荫蕓芸蕩荡蕪芜蕭萧薈荟薊蓟薑姜薦荐薩萨藍蓝藝艺藥药藴蕴藹蔼藺蔺蘇苏蘊蕴蘋苹蘭兰蘿萝處处號号虧亏蝦虾蟬蝉蟻蚁蠻蛮\
衆众術术衚胡衛卫衝冲裏里補补裝装裡里複复褲裤襯衬見见規规視视親亲覺觉覽览觀观訂订計计訊讯討讨訓训記记訪访設设許许\
訴诉証证評评詞词詠咏詢询詩诗話话該该詳详誇夸誌志認认語语誠诚說说説说誰谁課课誼谊調调談谈請请諒谅論论諧谐諸诸諾诺\
謀谋謂谓謙谦講讲謝谢謹谨證证識识譙谯譚谭譜谱譭毁譯译議议護护譽誉讀读變变讚赞豈岂豎竖豐丰豔艳貝贝貞贞負负財财貢贡\
貨货貫贯貴贵買买費费貿贸賀贺賁贲資资賈贾賓宾賜赐賞赏賢贤賣卖賦赋質质賴赖贇赟贊赞贏赢趙赵趨趋踐践躍跃車车軌轨軍军\
軒轩軟软較较載载輊轾輔辅輕轻輛辆輝辉輩辈輪轮輸输輿舆轉转轟轰辦办農农這这連连週周進进遊游運运過过達达違违遜逊遞递\
遠远適适遲迟遷迁選选遺遗遼辽還还邊边邏逻郟郏郵邮鄉乡鄒邹鄔邬鄧邓鄭郑鄰邻酈郦醖酝醞酝醫医醬酱釗钊針针鈄钭鈕钮鈞钧\
鈡钟鈴铃鈺钰鉛铅銀银銅铜銘铭銳锐鋒锋鋭锐鋼钢錄录錚铮錢钱錦锦錫锡録录錶表鍇锴鍊炼鍵键鍼针鍾钟鎧铠鎭镇鎮镇鎸镌鏞镛\
鏡镜鐘钟鐫镌鐵铁鐸铎鑑鉴鑒鉴鑿凿長长門门閃闪閆闫開开閏闰閑闲閒闲間间閔闵閣阁閨闺閻阎闆板闊阔闕阙闖闯關关闞阚闡阐\
陞升陰阴陳陈陸陆陽阳隊队階阶際际隨随險险隱隐隴陇隻只雖虽雙双雜杂雞鸡離离難难雲云電电靄霭靈灵靜静鞏巩鞦秋韋韦韌韧\
韓韩韜韬韻韵響响頁页頂顶項项順顺須须頌颂預预頒颁頓顿頗颇領领頭头頻频題题額额顏颜顔颜願愿類类顧顾顯显風风颱台颺飏\
飄飘飛飞飯饭飲饮飽饱飾饰養养餘余館馆饒饶馬马馮冯馳驰駐驻駒驹駕驾駱骆駿骏騁骋騏骐騫骞騰腾驅驱驊骅驍骁驕骄驗验驚惊\
驥骥髏髅髒脏體体髮发鬆松鬍胡鬚须鬱郁魚鱼魯鲁鮑鲍鮮鲜鰲鳌鳥鸟鳳凤鳴鸣鴻鸿鵑鹃鵬鹏鶯莺鶴鹤鷄鸡鷗鸥鷺鹭鸝鹂鸞鸾鹹咸\
鹽盐麗丽麥麦麪面麫面麯曲麴曲麵面黃黄點点黨党黽黾齊齐齋斋齡龄龍龙龐庞龔龚龜龟";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_no_simplified_form_is_changed_again() {
        assert_eq!(TEXT.chars().count(), 2 * COUNT);
        assert!(PAIRS.windows(2).all(|w| w[0].0 < w[1].0));
        for (traditional, simplified) in PAIRS {
            assert_eq!(simplified_char(simplified), simplified, "{traditional}");
        }
        assert_eq!("陳劉楊黃趙吳".chars().map(simplified_char).collect::<String>(), "陈刘杨黄赵吴");
    }
}
