"""Ids that mean nobody, each kind in the dress in which programs write it; and ids in that dress, which stay ids."""

import json
import time
import uuid
from urllib.parse import quote

import pytest

from catalog.contract.placeholder_ids import INTEGER_LIMITS
from catalog.contract.usable_ids import id_text

WORDS = [
    *("null", "None", "nullptr", "NULLVALUE", "undefined", "DBNull.Value", "System.DBNull", "novalue", "no_value"),
    *("noUserId", "no user", "unknownUser", "UNKNOWN_ID", "not_registered", "notApplicable", "logged out", "signedOut"),
    *(
        "guestUser",
        "nilUser",
        "sessionNaN",
        "anonymous_user",
        "YOUR_USER_ID",
        "insert_user_id_here",
        "customerId",
        "visitor-id",
        "user.email",
    ),
    *("currentUser", "current_user.id", "redacted", "[Filtered]", "[email protected]", "anonymized"),
    *("unbekannt", "inconnu", "anónimo", "desconocido", "ninguno", "未知", "匿名ユーザー", "未登录", "없음", "게스트"),
    *("nicht gesetzt", "nicht angemeldet", "keine Angabe", "sin usuario", "usuario desconocido", "non défini"),
    *("não identificado", "niet ingelogd", "не задано", "알 수 없음", "không xác định", "UserNotFound", "EmptyString"),
    *("неизвестно", "гость", "مجهول", "غير معروف", "ανώνυμος", "אורח", "अज्ञात", "ไม่ทราบ", "khách"),
]
DRESSES = [
    *("{}", "  {}\t", '"{}"', "'{}'", "`{}`", "“{}”", "«{}»", "【{}】", "({})", "[{}]", "<{}>", "[[{}]]", "((({})))"),
    *("\u200b{}", "{}\x00", '\\"{}\\"', "('{}')", '["{}"]', "%22{}%22", "&quot;{}&quot;", "&lt;{}&gt;", "{}&nbsp;"),
    *("*{}*", "__{}__", "-{}-", "{}.", "{}!", "{}?", "={}", ":{}", "#{}", "~{}", "/{}/", "${}", "|{}|", "@{}", "{};"),
    *(
        "user:{}",
        "{}-{}",
        "{}@{}.com",
        "id={}",
        "mailto:{}",
        "Optional({})",
        "b'{}'",
        'u"{}"',
        "user_id: {}",
        "Some({})",
    ),
    *("&amp;quot;{}&amp;quot;", "%2526quot%253B{}%2526quot%253B"),
]
TEMPLATES = [
    *(
        "{{user.id}}",
        "{{ user.id | default: 'x' }}",
        "{{{id}}}",
        "u-{{id}}-7",
        "${ann}",
        "#{x}",
        "{%x%}",
        "<%= @u.id %>",
    ),
    *(
        "<?= $u->id ?>",
        "*|EMAIL|*",
        "@{x.y}",
        "!{x}",
        "*{x}",
        "$(x)",
        "%(x)s",
        "\\(x)",
        "%[x]",
        "$[x]",
        "{!Contact.Id}",
    ),
    *("{first.name}", "%recipient.x%", "%%X%%", "%s", "%1$s", "%lld", "{0}", "{1}", "$1", "%1", "?1", "\\1"),
    *("$userId", "$user->id", "$_SESSION['user_id']", ":user_id", "@userId", "<user-id>", "[CLIENT_ID]", "__IDFA__"),
    *("(your user id)", "#user", "@Model.UserId", f"{{{{ user.traits.{'x' * 80} }}}}"),
]
CODE = [
    *("[object Promise]", "[object+Object]", "[Function: getId]", "[AsyncFunction: id]", "[class User]", "[Getter]"),
    *("() => user.id", "e => e.id", "async () => {}", "function getId(){}", "class User {}", "Promise { <pending> }"),
    *("lambda x: x.id", "<function id at 0x7f00>", "<class 'str'>", "<bound method User.id of <User>>", "Symbol(id)"),
    *("<MagicMock id='140'>", "<User: 0x600003e>", "Instance of 'User'", "TypeError: x is null", "kotlin.Unit"),
    *("java.lang.NullPointerException", "Traceback (most recent call last)", "user is not defined", "Optional[]"),
    *("System.Object", "System.Collections.Generic.List`1[System.String]", "1.#QNAN", "-nan(ind)", "#DIV/0!"),
    *(
        "%!s(<nil>)",
        "%!d(string=)",
        "%!v(MISSING)",
        "Resource id #3",
        "org.json.JSONObject$1",
        "std::nullopt",
        "pd.NaT",
    ),
    *("NA_character_", '{"id": null}', "{'id': None}", "[null,null]", "nil:NilClass"),
]
ZEROS = [
    *(
        dress.format(zeros)
        for zeros in (str(uuid.UUID(int=0)), uuid.UUID(int=0).hex, "0" * 24, str(uuid.UUID(int=2**128 - 1)))
        for dress in ("{}", "{{{}}}", "({})", "urn:uuid:{}", "URN:UUID:{}", "uuid:{}", "UUID('{}')", 'ObjectId("{}")')
    ),
    *("0L", "0n", "-0", "0e0", "0b0", "0x00", "0,0", "0.0.0.0", "0" * 80, "٠٠٠", "００", "-1L", "−1", "(-1)", "-1.0"),
    *("AAAAAAAAAAAAAAAAAAAAAA==", "7" + "Z" * 25, "ff:ff:ff:ff:ff:ff", "null_0", *map(str, INTEGER_LIMITS)),
]
MARKS = [*("****", "••••", "●●●●", "████", "xxxx-xxxx", "…", "�", "∅", "␀", "¿", "%20", "%2D1", "&nbsp;", "\\u0000")]
NAMES = [
    *(
        "Bob",
        "Zoë",
        "Nils",
        "Nina",
        "Nanno",
        "Nanni",
        "Nilsson",
        "Undine",
        "Ida",
        "Idris",
        "Usher",
        "Trueman",
        "Emily",
        "Unita",
    ),
    *("王伟", "さくら", "無敵", "김철수", "محمد", "Иван", "अनिल", "สมชาย", "test", "admin", "root", "user1", "guest42"),
]
IDS = [
    *(dress.format(name) for name in NAMES for dress in ("({})", "[{}]", ":{}", "@{}", "${}", "#{}", "_{}_", "*{}*")),
    *("Null Smith", "Christopher Null", "Anna None", "van der Void", "No Jae-won", "Id Software", "Email Queen"),
    *("null-island-42", "none_the_wiser", "null.smith@example.org", "guest@hotel-rossi.example", "nil@example.org"),
    *("N", "L", "F", "e0a", "0-1", "1e5", "10", "-2", "-10", "100%", "50%off", "%E4%BD%A0", "%41nna", "C:\\Users\\ann"),
    *("😀", "👍🏽", "(1)", "[42]", "{a1}", "#7", "$100", "id=7", '{"id": "u1"}', "Optional(u1)", "function_room"),
    *("system.admin", "class-of-99", "errorprone", "Null:Smith", "00000000-0000-0000-0000-000000000001"),
    *(
        "urn:uuid:550e8400-e29b-41d4-a716-446655440000",
        "{550e8400-e29b-41d4-a716-446655440000}",
        "auth0|5f7c8ec7c33c6c",
    ),
    *("01ARZ3NDEKTSV4RRFFQ69G5FAV", "0ujtsYcgvSTl8PAuAdqWYSMnLOv", "cus_NffrFeUfNV2Hib", "$device:18a9", "2147483646"),
    *("amzn1.account.AFQ2XMFVKGZJ3", "eu-west-1:550e8400-e29b-41d4-a716-446655440000", "GA1.2.1033501218.1368477899"),
]


@pytest.mark.parametrize("word", WORDS)
def test_words_of_nothing_mean_nobody_in_any_dress(word: str) -> None:
    written = [dress.replace("{}", word) for dress in DRESSES]
    written += [word.upper(), word.title(), quote(word, safe=""), quote(quote(word, safe=""), safe="")]
    written += [json.dumps(word), json.dumps(json.dumps(word)), word.replace(" ", "+")]
    assert [text for text in written if id_text(text)] == []


@pytest.mark.parametrize("text", [*TEMPLATES, *CODE, *ZEROS, *MARKS])
@pytest.mark.parametrize("dress", ["{}", " {}\n", '"{}"', "'{}'", '\\"{}\\"', "\ufeff{}"])
def test_what_programs_write_means_nobody(text: str, dress: str) -> None:
    assert id_text(dress.replace("{}", text)) == ""


CERTAIN = [
    *("d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "18446744073709551615", "0" * 32),
    *("ffffffff-ffff-ffff-ffff-ffffffffffff", "bnVsbA==", "[object Window]", "Symbol(id)", "<User: 0x600003e>"),
    *("java.lang.NullPointerException", "function () {}", "%s", "{user.id}"),
]


@pytest.mark.parametrize("text", CERTAIN)
@pytest.mark.parametrize(
    "dress", ["*{}*", "#{}", ":{}", "{}!", "={}", "/{}/", "|{}|", "~{}~", "【{}】", "id={}", "user_{}", "b'{}'"]
)
def test_what_is_no_id_itself_means_nobody_in_the_dress_of_words_and_behind_a_label(text: str, dress: str) -> None:
    assert id_text(dress.replace("{}", text)) == ""


@pytest.mark.parametrize(
    "text",
    [
        *(
            "terror",
            "Terror",
            "nightterror",
            "Björn.Error",
            "the_exception",
            "user_0",
            "user0",
            "id-0",
            "user_7",
            "id=7",
        ),
        *(
            "user_Ann",
            "uid:ann",
            "Some(ann)",
            "b'ann'",
            "Just Ann",
            "user_d41d8cd98f00b204e9800998ecf8427f",
            "String Bean",
        ),
        *(
            "%2541nna",
            "&amp;ann",
            "Peter Noone",
            "Nat",
            "Sora 空",
            "Sin Chan",
            "Nie Er",
            "Kunde 7",
            "Pas Jansen",
            "Ei-ichi",
        ),
    ],
)
def test_ids_that_are_near_to_that_stay_ids(text: str) -> None:
    assert id_text(text) == text


@pytest.mark.parametrize("text", IDS)
def test_an_id_may_be_dressed_like_it(text: str) -> None:
    assert id_text(text) == text


@pytest.mark.parametrize("number", [*INTEGER_LIMITS, float(2**63), -float(2**63), float(2**64)])
def test_the_ends_of_what_computers_count_with_are_nobody(number: float) -> None:
    assert id_text(number) == ""


@pytest.mark.parametrize("number", [2**31, 2**31 - 2, 2**53 - 1, 255, 65_535, -7])
def test_the_numbers_beside_them_are_ids(number: int) -> None:
    assert id_text(number) == str(number)


@pytest.mark.parametrize(
    "part",
    [
        "a",
        "0",
        "x",
        "{{",
        "${",
        "<%",
        "%",
        "%25",
        "&",
        "\\",
        "\\u0041",
        "a.",
        "a.a",
        "null",
        "userid",
        "no",
        "[",
        "(a)",
        "<a",
    ],
)
def test_it_takes_little_time(part: str) -> None:
    texts = [(part * 2_000)[:length] for length in range(1, 2_000, 100)]
    started = time.thread_time()
    for text in texts:
        id_text(text + "§")
    assert time.thread_time() - started < 1
