"""Every rule by its id: those of the W3C feed validator, and those of our own (the last group)."""

from __future__ import annotations

from functools import partial

from feeds.linting.findings import Rule, Severity

_error = partial(Rule, Severity.ERROR)
_warning = partial(Rule, Severity.WARNING)

_DOCUMENT = {
    "SAXError": _error(
        "the document is not well-formed", "escape & and <, and close what is opened"
    ),
    "EncodingMismatch": _error(
        "the encoding is not the one that is named", "send UTF-8, and say so everywhere alike"
    ),
    "BadCharacters": _error(
        "it holds characters that XML forbids", "take control characters out before writing"
    ),
    "UnexpectedContentType": _error(
        "it is served as something else", "serve it as application/atom+xml, rss+xml or feed+json"
    ),
    "NonSpecificMediaType": _warning(
        "the media type is that of any XML or JSON",
        "serve it as application/atom+xml, rss+xml or feed+json",
    ),
    "ReservedPrefix": _warning(
        "a prefix stands for another namespace than usual", "use the prefix everybody uses"
    ),
    "AvoidNamespacePrefix": _warning(
        "Atom elements carry a prefix, which simple readers do not understand",
        "make the Atom namespace the default of the document",
    ),
    "ObsoleteVersion": _error("the version is obsolete", "write the newest version of the format"),
    "MissingElement": _error("something the format demands is missing", "add it"),
    "UndefinedElement": _error(
        "the format does not know this", "leave it out, or put it into a namespace of its own"
    ),
    "DuplicateElement": _error("it may stand only once", "keep one of them"),
    "MissingAttribute": _error("an attribute that is demanded is missing", "add it"),
    "MisplacedItem": _error(
        "something follows the items", "let all items come after the rest of the channel"
    ),
}
_VALUES = {
    "InvalidFullLink": _error("it is no full URL", "write scheme, host and path: https://..."),
    "InvalidURI": _error("it is no URI", "use a tag: URI, a urn:uuid: or a full URL"),
    "NonCanonicalURI": _warning(
        "the id is not in canonical form: some readers take another spelling for another id",
        "write scheme and host in lower case, without default port, with a path",
    ),
    "InvalidLanguage": _error("it is no language tag", 'use one of RFC 5646, such as "fr"'),
    "InvalidRFC3339Date": _error("it is no RFC 3339 date", "write it like 2026-11-22T10:00:00Z"),
    "InvalidRFC2822Date": _error(
        "it is no RFC 822 date", "write it like Sun, 22 Nov 2026 10:00:00 GMT"
    ),
    "InvalidW3CDTFDate": _error("it is no W3C date", "write it like 2026-11-22T10:00:00Z"),
    "ProblematicalRFC822Date": _error(
        "some readers misunderstand this date",
        "write four digits of the year, and GMT or a numeric zone",
    ),
    "IncorrectDOW": _error("the day of the week is wrong", "write the one of that date"),
    "ImplausibleDate": _error(
        "the date lies in the future, or before 1990", "let entries appear when their time comes"
    ),
    "InvalidMIMEAttribute": _error("it is no media type", 'write one like "audio/mpeg"'),
    "InvalidMIMEType": _error(
        "the type of the content is none", 'use "text", "html", "xhtml" or a media type'
    ),
    "InvalidIntegerAttribute": _error("it is no whole number", "write digits only"),
    "InvalidPositiveInteger": _error("it is no positive whole number", "write digits only"),
    "InvalidCoord": _error(
        "it is no point on Earth", "write latitude and longitude with a space: 60.39 5.32"
    ),
}
_TEXTS = {
    "ContainsHTML": _warning(
        "it holds HTML, which many readers show as it stands", "write plain text"
    ),
    "CharacterData": _warning(
        "& and < in a title are lost in readers that unescape twice",
        "write them as &#x26; and &#x3C;",
    ),
    "ContainsUndeclaredHTML": _warning(
        "it looks like HTML, and its type says text", 'say type="html", or write plain text'
    ),
    "ContainsRelRef": _error(
        "it holds relative addresses, which lead nowhere in a reader", "make them absolute"
    ),
    "SecurityRisk": _error(
        "it holds what readers have to remove to be safe", "take scripts, forms and frames out"
    ),
    "DangerousStyleAttr": _error(
        "a style attribute could do harm or cover the page", "take style attributes out"
    ),
    "SameDocumentReference": _error(
        "it leads to the document it stands in", "link to the page that is meant"
    ),
    "MissingXhtmlDiv": _error("XHTML stands without its div", "put one div around it"),
    "NotInline": _error(
        "it is said to be XHTML, and is escaped", 'say type="html", or write elements'
    ),
}
_ENTRIES = {
    "DuplicateEntries": _error("two entries have the same id", "show the newest revision only"),
    "DuplicateIds": _error("all entries have the same id", "give each entry an id of its own"),
    "DuplicateUpdated": _warning(
        "several entries were updated at the same moment", "let each keep its own date"
    ),
    "ItemMustContainTitleOrDescription": _error(
        "an item has neither title nor description", "give it one of them"
    ),
    "MissingGuid": _error("an item has no guid", "give each item one that never changes"),
    "InvalidHttpGUID": _error(
        "the guid is said to be a permalink and is no URL", 'say isPermaLink="false"'
    ),
    "InvalidPermalink": _error('isPermaLink is neither "true" nor "false"', "write one of them"),
    "InvalidContact": _error(
        "RSS demands a mail address here", "write mail@example.org (Name), or use dc:creator"
    ),
    "MissingRealName": _warning(
        "a mail address stands without a name", "write mail@example.org (Name)"
    ),
    "DuplicateItemSemantics": _error(
        "two elements say the same in different words", "keep one of them"
    ),
    "NeedDescriptionBeforeContent": _error(
        "content:encoded stands without a description before it", "put a summary before it"
    ),
    "MissingContentOrAlternate": _error(
        "an entry has neither content nor a page", "give it content or a rel=alternate link"
    ),
    "MissingSummary": _error(
        "content that stands elsewhere or is binary has no summary", "add a summary"
    ),
    "MissingAuthor": _error(
        "neither the feed nor an entry has an author", "name an author of the feed"
    ),
    "MissingSourceElement": _warning(
        "the source of an entry lacks id, title or updated", "copy them from the original feed"
    ),
    "DuplicateAtomLink": _error(
        "two alternate links have the same type and language", "keep one of them"
    ),
    "NoThrWhen": _error("thr:when has been renamed", "use thr:updated"),
}
_FEEDS = {
    "MissingSelf": _warning("the feed does not say where it is", "add a rel=self link"),
    "MissingAtomSelfLink": _warning(
        "the feed does not say where it is", "add an atom:link with rel=self"
    ),
    "RelativeSelf": _error("the self link is relative", "write the whole address"),
    "SelfDoesntMatchLocation": _warning(
        "the self link is another address than that of the document", "name where it is served"
    ),
    "UnregisteredAtomLinkRel": _warning(
        "nobody has registered this relation", "use a name of IANA's list, or a full IRI"
    ),
    "ImageUrlFormat": _warning("a channel's image is GIF, JPEG or PNG", "use one of these"),
    "ImageLinkDoesntMatch": _warning(
        "the image's link is not that of the channel", "repeat the channel's"
    ),
    "ImageTitleDoesntMatch": _warning(
        "the image's title is not that of the channel", "repeat the channel's"
    ),
    "InvalidWidth": _error("the image is wider than 144 pixels", "use a smaller one"),
    "InvalidHeight": _error("the image is higher than 400 pixels", "use a smaller one"),
    "NotEnoughHoursInTheDay": _error(
        "hours are whole numbers from 0 to 23, each once", "write those in which nothing comes"
    ),
    "EightDaysAWeek": _error(
        "days are the seven English names, each once", "write those on which nothing comes"
    ),
    "InvalidUpdatePeriod": _error(
        "it is no period", "write hourly, daily, weekly, monthly or yearly"
    ),
    "AvoidTextInput": _warning("no reader shows a textInput", "leave it out"),
    "ArchiveIncomplete": _error(
        "an archive says that it is the complete feed", "say fh:archive or fh:complete"
    ),
    "MissingCurrentInArchive": _error(
        "an archive does not lead to the feed it belongs to", "add a rel=current link"
    ),
    "FeedRelInCompleteFeed": _error(
        "a complete feed leads to more of itself", "take the links to archives and pages out"
    ),
    "CurrentNotSelfInCompleteFeed": _error(
        "a complete feed names another current one", "take the rel=current link out"
    ),
    "FeedHistoryRelInEntry": _error(
        "a link of the feed's history stands in an entry", "put it into the feed's head"
    ),
    "DuplicateEnclosure": _warning(
        "an item has several enclosures, of which readers see one",
        "put the others in media:content",
    ),
    "MediaGroupWithoutAlternatives": _error(
        "a media:group holds less than two renditions", "use media:content alone"
    ),
}
_OWN = {
    "MediaBeforeText": _error(
        "Media RSS stands before the texts: readers take its captions for them", "let it come last"
    ),
    "NextUrlLoops": _error("next_url leads to the feed itself", "leave it out on the last page"),
    "InvalidExtension": _warning(
        "what is beyond the format is an object under a name that begins with _, without dots",
        'write "_name": {"about": "https://...", ...}',
    ),
}

RULES: dict[str, Rule] = _DOCUMENT | _VALUES | _TEXTS | _ENTRIES | _FEEDS | _OWN
