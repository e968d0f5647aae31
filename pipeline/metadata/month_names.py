"""The names of the months, in some fifty languages, as they stand in dates."""
# ruff: noqa: RUF001  Cyrillic and Greek names look like Latin ones: that is the point

from unicodedata import combining, normalize

# One row a month, January first; full names (nominative and genitive) and abbreviations, case-folded,
# without a final dot. The facts are the Unicode CLDR's (cldr.unicode.org), release 47.

_NAMES = (
    (
        "ene enero gen gener gennaio ian ianuarie ion ionawr jaan jaanuar jan janar janeiro januar januari "
        "januarie january janv janvier led leden ledna oca ocak saus sausio sausis sty stycznia tammi tammikuu "
        "tammikuuta urt urtarrila xan xaneiro yan yanvar január januára janvāris janúar jänner styczeń ιαν "
        "ιανουάριοσ ιανουαρίου сту студзень студзеня січ січень січня янв январь января яну януари јан јануар "
        "јануари қаң қаңтар հնվ հունվար հունվարի ינואר ינו׳ جنوری يناير ژانویه ژانویهٔ जनवरी जन॰ जाने जानेवारी "
        "জানু জানুয়ারী ஜன ஜனவரி జన జనవరి ม.ค มกราคม იან იანვარი"
    ),
    (
        "chw chwef chwefror feb febbraio feber febr febreiro febrer febrero februar februari februarie february "
        "fev fevereiro fevr fevral helmi helmikuu helmikuuta lut lutego luty ots otsaila peb pebrero shk shkurt "
        "vas vasario vasaris veebr veebruar február februára februāris febrúar févr février úno únor února şub "
        "şubat φεβ φεβρουάριοσ φεβρουαρίου ақп ақпан лют лютага лютий лютого люты феб фебруар фев февр февраль "
        "февраля февруари փետրվար փետրվարի փտվ פברואר פבר׳ شباط فبراير فروری فوریه فوریهٔ फ़रवरी फ़र॰ फेब्रु "
        "फेब्रुवारी ফেব ফেব্রুয়ারী பிப் பிப்ரவரி ఫిబ్ర ఫిబ్రవరి ก.พ กุมภาพันธ์ თებ თებერვალი"
    ),
    (
        "kov kovas kovo maalis maaliskuu maaliskuuta maart mac machi maerz mar marca march marec maret mars marso "
        "mart martie marts martxoa marzec marzo maw mawrth mrt mrz bře březen března març março márc március mär "
        "märts märz μάρ μάρτιοσ μαρ μαρτίου бер березень березня мар март марта нау наурыз сак сакавік сакавіка "
        "մարտ մարտի մրտ מרץ آذار مارس مارچ मार्च মার্চ மார் மார்ச் మార్చి มี.ค มีนาคม მარ მარტი"
    ),
    (
        "abr abril api apirila apr aprel april aprile aprili aprilie aprill avr avril bal balandis dub duben "
        "dubna ebr ebrill huhti huhtikuu huhtikuuta kwi kwietnia nis nisan pri prill apríl apríla aprīlis "
        "balandžio kwiecień ápr április απρ απρίλιοσ απριλίου апр апрель апреля април квіт квітень квітня кра "
        "красавік красавіка сәу сәуір ապր ապրիլ ապրիլի אפריל אפר׳ آوریل أبريل اپریل نيسان अप्रैल एप्रि एप्रिल "
        "এপ্রি এপ্রিল ஏப் ஏப்ரல் ఏప్రి ఏప్రిల్ เม.ย เมษายน აპრ აპრილი"
    ),
    (
        "geg mag maggio mai maiatza maig maijs maio maj maja may mayo mei touko toukokuu toukokuuta gegužė "
        "gegužės kvě květen května mayıs maí máj mája május μάι μάιοσ μαΐ μαΐου май мам мамыр мая мај трав "
        "травень травня մայիս մայիսի մյս מאי أيار مئی مايو مه مهٔ मई मे মে மே మే พ.ค พฤษภาคม მაი მაისი"
    ),
    (
        "cze czerwca czerwiec eka ekaina giu giugno haz haziran hun hunyo iun iunie iyn iyun juin jun june junho "
        "juni junie junij junio juny juuni meh mehefin qer qershor birž birželio birželis jún júna június júní "
        "jūn jūnijs kesä kesäkuu kesäkuuta xuño červen června čvn ιουν ιουνίου ιούν ιούνιοσ июн июнь июня мау "
        "маусым черв червень червня чэр чэрвень чэрвеня юни јун јуни հնս հունիս հունիսի יוני جون حزيران يونيو "
        "ژوئن जून জুন ஜூன் జూన్ มิ.ย มิถุนายน ივნ ივნისი"
    ),
    (
        "gor gorff gorffennaf hul hulyo iul iulie iyl iyul juil juill juillet jul julai julho juli julie julij "
        "julio juliol july juuli korr korrik liep liepa liepos lip lipca lipiec lug luglio tem temmuz uzt uztaila "
        "xul xullo heinä heinäkuu heinäkuuta júl júla július júlí jūl jūlijs července červenec čvc ιουλ ιουλίου "
        "ιούλ ιούλιοσ июл июль июля лип липень липня ліп ліпень ліпеня шіл шілде юли јул јули հլս հուլիս հուլիսի "
        "יולי تموز جولائی يوليو ژوئیه ژوئیهٔ जुलाई जुलै जुल॰ জুল জুলাই ஜூலை జులై ก.ค กรกฎาคม ივლ ივლისი"
    ),
    (
        "abu abuztua ag ago agost agosti agosto agu agustus aout aug august augusta augusti augusts augustus "
        "augusztus avg avgust avq avqust awst elo elokuu elokuuta gush gusht ogo ogos rugp sie sierpnia srp srpen "
        "srpna août ağu ağustos rugpjūtis rugpjūčio sierpień ágú ágúst αυγ αυγούστου αύγ αύγουστοσ авг август "
        "августа жні жнівень жніўня серп серпень серпня там тамыз օգոստոս օգոստոսի օգս אוגוסט אוג׳ آب أغسطس اوت "
        "اگست अगस्त अग॰ ऑग ऑगस्ट আগ আগস্ট ஆக ஆகஸ்ட் ఆగ ఆగస్టు ส.ค สิงหาคม აგვ აგვისტო"
    ),
    (
        "eyl ira iraila medi rugs sen sentabr sentyabr sep sept septemba septembar september septembra septembre "
        "septembrie septembris septiembre set setembre setembro setiembre settembre setyembre sht shtator syys "
        "syyskuu syyskuuta szept szeptember wrz eylül rugsėjis rugsėjo wrzesień września zář září σεπ σεπτέμβριοσ "
        "σεπτεμβρίου вер верасень верасня вересень вересня сент сентябрь сентября сеп септембар септември қыр "
        "қыркүйек սեպ սեպտեմբեր սեպտեմբերի ספטמבר ספט׳ أيلول سبتمبر ستمبر سپتامبر सप्टें सप्टेंबर सितंबर सित॰ সেপ "
        "সেপ্টেম্বর செப் செப்டம்பர் సెప్టెం సెప్టెంబర్ ก.ย กันยายน სექ სექტემბერი"
    ),
    (
        "eki ekim hyd hydref loka lokakuu lokakuuta oct october octobre octombrie octubre okt oktabr oktoba "
        "oktobar oktober oktobris oktoober oktubre oktyabr ott ottobre out outubro spal spalio spalis tet tetor "
        "urr urria október októbra paź październik października říj říjen října οκτ οκτωβρίου οκτώβριοσ жовт "
        "жовтень жовтня кас кастрычнік кастрычніка окт октобар октомври октябрь октября қаз қазан հոկ հոկտեմբեր "
        "հոկտեմբերի אוקטובר אוק׳ أكتوبر اکتبر اکتوبر अक्टूबर अक्टू॰ ऑक्टो ऑक्टोबर অক্টো অক্টোবর அக் அக்டோபர் "
        "అక్టో అక్టోబర్ ต.ค ตุลาคม ოქტ ოქტომბერი"
    ),
    (
        "aza azaroa kas kasim lapkr lapkritis lis listopad listopada listopadu marras marraskuu marraskuuta nob "
        "nobyembre noiembrie nov novemba novembar november novembra novembre novembris novembro noviembre noy "
        "noyabr tach tachwedd kasım lapkričio nën nëntor nóv nóvember νοέ νοέμβριοσ νοε νοεμβρίου лист листопад "
        "листопада ліс лістапад лістапада нов новембар ное ноември нояб ноябрь ноября қар қараша նոյ նոյեմբեր "
        "նոյեմբերի נובמבר נוב׳ نوامبر نوفمبر نومبر नवंबर नव॰ नोव्हें नोव्हेंबर নভে নভেম্বর நவ நவம்பர் నవం నవంబర్ "
        "พ.ย พฤศจิกายน ნოე ნოემბერი"
    ),
    (
        "abe abendua ara aralik dec decembar december decembra decembrie decembris decembro dek dekabr des "
        "desemba desember desembre dets detsember dez dezember dezembro dhj dhjetor dic dicembre diciembre dis "
        "disember disyembre gru grudnia gruod gruodis joulu joulukuu joulukuuta pro prosince prosinec rhag "
        "rhagfyr aralık déc décembre grudzień gruodžio δεκ δεκέμβριοσ δεκεμβρίου груд грудень грудня дек декабрь "
        "декабря декември дец децембар жел желтоқсан сне снежань снежня դեկ դեկտեմբեր դեկտեմբերի דצמבר דצמ׳ "
        "دسامبر دسمبر ديسمبر डिसें डिसेंबर दिसंबर दिस॰ ডিসে ডিসেম্বর டிச டிசம்பர் డిసెం డిసెంబర్ ธ.ค ธันวาคม დეკ "
        "დეკემბერი"
    ),
)

# Croatian names its months otherwise than its neighbours do: listopad is October here, November in Polish and Czech.
_CROATIAN = (
    "siječnja sij siječanj",
    "veljače velj veljača",
    "ožujka ožu ožujak",
    "travnja tra travanj",
    "svibnja svi svibanj",
    "lipnja lip lipanj",
    "srpnja srp srpanj",
    "kolovoza kol kolovoz",
    "rujna ruj rujan",
    "listopada lis listopad",
    "studenoga studenog stu studeni",
    "prosinca pro prosinac",
)


def _table(rows: tuple[str, ...]) -> dict[str, int]:
    """Name to number; a name that lost its accents is known too, unless it is another month's."""
    spelled = {normalize("NFKC", name): number for number, row in enumerate(rows, 1) for name in row.split()}
    bare = {without_marks(name): number for name, number in reversed(spelled.items())}
    return bare | spelled


def without_marks(word: str) -> str:
    """`word` without accents: what capitals and hasty typists leave out."""
    return "".join(sign for sign in normalize("NFKD", word) if not combining(sign))


_MONTHS = _table(_NAMES)
_MONTHS_CROATIAN = _table(_CROATIAN)
_PREFIX = "ב"  # Hebrew writes "in November" as one word


def month_number(word: str, language: str | None = None) -> int | None:
    """1 to 12, or None when `word` names no month.

    `language` (ISO 639-1) decides between Croatian and its neighbours.
    """
    name = word.casefold().rstrip(".")
    if language in ("hr", "bs") and (number := _MONTHS_CROATIAN.get(name)):
        return number
    return _MONTHS.get(name) or _MONTHS.get(name.removeprefix(_PREFIX)) or _MONTHS_CROATIAN.get(name)
