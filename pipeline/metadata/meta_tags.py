"""The names under which meta elements state what we look for, the most trusted first, all in lower case.

OpenGraph (ogp.me), article:*, Dublin Core (dublincore.org), Google Scholar's citation_*, Parse.ly, Sailthru,
Cxense, microdata in the head, and what large content systems write.
"""

TITLE = (
    "og:title", "parsely-title", "sailthru.title", "citation_title", "dc.title", "dcterms.title", "twitter:title",
    "title",
)  # fmt: skip

AUTHOR = (
    "parsely-author", "sailthru.author", "citation_author", "author", "article:author", "article:author_name",
    "dc.creator", "dcterms.creator", "dc:creator", "byl", "og:article:author", "article.author",
    "cxenseparse:author", "og:author", "creator",
)  # fmt: skip

PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "article:published",
    "article.published", "parsely-pub-date", "sailthru.date", "citation_publication_date", "citation_online_date",
    "citation_date", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date.published",
    "dcterms.date", "dc.date", "dc:date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "publish_date",
    "publish-date", "publishdate", "published_date", "published-date", "pubdate", "pub_date", "publication_date",
    "publicationdate", "article_date_original", "og:published_time", "originalpublicationdate", "displaydate",
    "date.created", "datecreated", "date_published", "releasedate", "article:create_date",
    "article-publication-date", "vr:published_time", "video:release_date", "og:pubdate", "published_time",
    "published", "published_at", "published_on", "timestamp", "date", "created",
)  # fmt: skip

MODIFIED = (
    "article:modified_time", "datemodified", "og:updated_time", "article:modified", "article.updated",
    "dcterms.modified", "dc.date.modified", "lastmod", "last-modified", "modified", "updated_time",
    "article_date_updated", "cxenseparse:recs:lastmodified", "modified_time", "date_modified", "revised",
)  # fmt: skip

DESCRIPTION = (
    "og:description", "description", "twitter:description", "dc.description", "dcterms.description",
    "sailthru.description",
)  # fmt: skip

IMAGE = (
    "og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "sailthru.image.full",
    "parsely-image-url", "thumbnail", "image",
)  # fmt: skip

SITE_NAME = (
    "og:site_name", "application-name", "dc.publisher", "dcterms.publisher", "citation_journal_title",
    "apple-mobile-web-app-title",
)  # fmt: skip

SECTION = (
    "article:section", "parsely-section", "cxenseparse:recs:category", "articlesection", "section", "category",
    "og:section",
)  # fmt: skip

TAGS = (
    "article:tag", "news_keywords", "parsely-tags", "sailthru.tags", "keywords", "dc.subject", "citation_keywords",
)  # fmt: skip

LANGUAGE = (
    "content-language", "inlanguage", "dc.language", "dcterms.language", "language", "og:locale",
)  # fmt: skip

WRITTEN_BY = (
    "by", "author", "verfasst", "geschrieben", "écrit", "autor", "auteur", "escrito", "scritto", "geschreven",
    "skrevet", "skriven",
)  # fmt: skip
"""What stands before the name in the labels of Twitter cards, as WordPress's plug-ins translate it."""
