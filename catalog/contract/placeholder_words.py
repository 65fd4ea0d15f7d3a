"""The words of texts that stand where an id should: of nothing, of nobody, and what an id is called.

They are those that Amplitude, Mixpanel and PostHog refuse as ids, and what else languages, databases, templates and
platforms write for nothing. A word is in lower case and has no separators; `placeholder_ids` says how texts are made of
them, so that `unknownUser`, `no_user_id` and `undefined@null.com` need no line of their own.
"""

_OTHER_LANGUAGES = frozenset(
    {
        *("unbekannt", "unbekannter", "keine", "kein", "keiner", "leer", "anonym", "gast", "nichtangemeldet"),
        *("inconnu", "inconnue", "aucun", "aucune", "vide", "anonyme", "invité", "néant"),
        *("desconocido", "desconocida", "ninguno", "ninguna", "vacío", "vacio", "anónimo", "anonimo", "invitado"),
        *("sconosciuto", "sconosciuta", "nessuno", "nessuna", "vuoto", "ospite", "nullo"),
        *("desconhecido", "desconhecida", "nenhum", "nenhuma", "vazio", "anônimo", "convidado", "visitante"),
        *("onbekend", "geen", "leeg", "anoniem", "nieznany", "nieznana", "brak", "anonimowy", "gość"),
        *("okänd", "ukjent", "ukendt", "tuntematon", "ingen", "anonyymi", "vieras", "gäst", "gjest", "gæst"),
        *("bilinmiyor", "bilinmeyen", "misafir", "yok", "necunoscut", "neznámý", "ismeretlen", "vendég"),
        *(
            "неизвестно",
            "неизвестный",
            "нет",
            "пусто",
            "аноним",
            "анонимный",
            "гость",
            "невідомо",
            "невідомий",
            "гість",
        ),
        *("άγνωστο", "άγνωστος", "ανώνυμος", "επισκέπτης", "κανένα"),
        *(
            "未知",
            "无",
            "無",
            "匿名",
            "游客",
            "遊客",
            "访客",
            "訪客",
            "空值",
            "未登录",
            "未登錄",
            "未设置",
            "不明",
            "なし",
        ),
        *(
            "ไม่ระบุ",
            "미확인",
            "未定义",
            "未定義",
            "名無し",
            "没有",
            "沒有",
            "tanımsız",
            "niezalogowany",
            "niezalogowana",
        ),
        *("ゲスト", "未ログイン", "未設定", "없음", "익명", "알수없음", "게스트", "비회원", "미등록"),
        *("مجهول", "ضيف", "אנונימי", "אורח", "अज्ञात", "अतिथि", "ไม่ทราบ", "ไม่มี", "khách", "ẩn", "tamu"),
    }
)
"""Null, none, unknown, anonymous and guest, as programs of other countries write them."""

NOTHING = _OTHER_LANGUAGES | frozenset(
    {
        *("null", "nil", "none", "undefined", "undef", "void", "nan", "na", "nullptr", "nothing", "dbnull", "nsnull"),
        *("nullopt", "nullnode", "jsonnull", "stdclass", "tbd", "fixme"),
        *("nulltext", "nilclass", "nonetype", "inf", "infinity", "true", "false", "empty", "blank", "missing"),
        *("unset", "invalid", "error", "object", "array", "placeholder", "default", "lmy47d"),
        *("unknown", "unidentified", "unspecified", "unassigned", "unavailable", "uninitialized", "undetermined"),
        *("unauthenticated", "unauthorized", "unregistered", "anonymous", "anon", "guest", "visitor", "nobody"),
        *("someone", "nowhere", "loggedout", "signedout"),
        # What those write who take personal data out of a text; the last is Cloudflare's.
        *("redacted", "filtered", "scrubbed", "masked", "removed", "deleted", "hidden", "censored", "anonymized"),
        *("anonymised", "obfuscated", "protected"),
    }
)
"""What means nothing or nobody, whatever else of the words below stands beside it."""

NEGATIONS = frozenset(
    {
        *("no", "not", "non", "without", "out", "غير", "لا", "לא", "tidak", "không", "안함"),
        *("nicht", "ohne", "sin", "sans", "pas", "sem", "não", "senza", "niet", "zonder", "nie", "bez", "inte", "ikke"),
        *("не", "без"),
    }
)
NEGATED = frozenset(
    {
        *("value", "data", "set", "available", "applicable", "provided", "specified", "defined", "assigned", "given"),
        *("found", "authenticated", "registered", "identified", "known", "initialized", "entered", "loggedin"),
        *("signedin", "logged", "signed", "number", "match", "معروف", "يوجد", "ידוע", "diketahui", "شيء"),
        *("angabe", "angegeben", "angemeldet", "definiert", "eingeloggt", "gesetzt", "definido", "identificado"),
        *("identificar", "registrado", "conectado", "autenticado", "défini", "connecté", "identifié", "renseigné"),
        *("valeur", "definito", "identificato", "autenticato", "ingelogd", "ingesteld", "gedefinieerd", "danych"),
        *("zalogowany", "inloggad", "angivet", "задано", "авторизован", "указано", "определено", "xác", "định"),
        *("معرف", "أحد"),
    }
)
"""What means nothing behind a negation, in one word with it or in two; as little as `FILLERS` without one."""

LABELS = frozenset(
    {
        *("id", "uid", "uuid", "guid", "identifier", "identity", "user", "device", "distinct", "email"),
        *("client", "customer", "member", "subscriber", "contact", "person", "profile", "account", "session", "login"),
        *("external", "advertising", "recipient", "actor", "username", "idfa", "idfv", "gaid", "adid", "oaid", "imei"),
        *(
            "androidid",
            "string",
            "integer",
            "로그인",
            "用户",
            "用戶",
            "会员",
            "會員",
            "ユーザー",
            "사용자",
            "пользователь",
            "benutzer",
            "nutzer",
        ),
        *(
            "usuario",
            "usuário",
            "utilisateur",
            "utente",
            "gebruiker",
            "użytkownik",
            "kullanıcı",
            "användare",
            "cliente",
        ),
    }
)
"""What an id is called, and whose it is; written where it should stand, it is none."""

FILLERS = frozenset(
    {
        *("your", "my", "is", "was", "this", "current", "insert", "enter", "replace", "here", "with"),
        *("of", "optional", "option", "some", "just", "system", "pd", "model", "get", "viewbag", "type", "in", "out"),
        *("domain", "example", "com", "mailto", "http", "https", "danh", "de", "알", "수"),
    }
)
"""Words that say nothing by themselves, between those above."""

KINDS_OF_IDS = frozenset({"urn", "uuid", "guid", "ulid", "objectid", "mac"})
"""What is written before an id of zeros: `urn:uuid:00000000-…`."""
