"""The feed that readers are tried with: all that a document of ours can carry, hostile texts among it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from feeds.model import (
    Category,
    Entry,
    Feed,
    License,
    Media,
    MediaRole,
    Origin,
    Person,
    Tombstone,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

TIDES = Entry(
    id="tag:gazette.example,2026:1",
    title="""Tides & "turbines": <power> at 1 < 2, 'sea' “now” 🌊 &amp; ]]> מים""",
    link="https://gazette.example/articles/2026/11/tides?a=1&b=2",
    authors=(
        Person("Ada Marsh", uri="https://gazette.example/author/ada-marsh"),
        Person("Zoë Oké"),
        Person("Harbour Trust & Sons"),
    ),
    contributors=(Person("Dora Lind", role="translator"),),
    published=NOW - timedelta(hours=2),
    updated=NOW - timedelta(hours=1),
    summary="Short & <plain>",
    content='<h2>The "plan"</h2>\n<p>Long <em>text</em> &amp; 1 &lt; 2 🌊 מים ]]&gt; '
    '<a href="https://sea.example/?a=1&amp;b=2">C:\\tides</a></p>\n<pre>a\tb</pre>',
    categories=(
        Category("energy", "https://gazette.example/theme", "Energy & light"),
        Category("north-shore", "https://gazette.example/region", "North Shore"),
    ),
    media=(
        Media(
            "https://gazette.example/media/tides.mp3?a=1&b=2",
            type="audio/mpeg",
            length=12345,
            title="Listen",
        ),
        Media(
            "https://gazette.example/media/tides.jpg",
            role=MediaRole.ILLUSTRATION,
            type="image/jpeg",
            width=1200,
            height=800,
            title="At dusk",
            credit="Ada Marsh",
            description="Turbines at dusk",
        ),
    ),
    rights="Copyright (c) Ada Marsh, 2026",
    license=License("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"),
    discussion="https://forum.example/tides",
)
REPUBLISHED = Entry(
    id="https://lantern.example/?p=77&lang=ar",
    title="مقال عن الماء",
    link="https://gazette.example/articles/2026/11/the-lantern-on-water",
    authors=(Person("Cleo Duarte"), Person("The Lantern")),
    published=NOW - timedelta(hours=3),
    updated=NOW - timedelta(hours=3),
    content='<p dir="rtl">مقال</p>',
    rights="Copyright (c) The Lantern, 2026",
    via="https://lantern.example/water",
    origin=Origin(
        id="tag:lantern.example,2020:feed",
        title="The Lantern, its own feed",
        home="https://lantern.example/",
        feed="https://lantern.example/feed.atom",
        updated=NOW,
        authors=(Person("Lantern Staff"),),
        rights="Copyright (c) The Lantern",
    ),
    language="ar",
)
TEASER = Entry(
    id="tag:gazette.example,2026:3",
    title="Headline, summary and link only",
    link="https://gazette.example/articles/2026/11/teaser",
    authors=(Person("Ada Marsh"),),
    published=NOW - timedelta(hours=4),
    updated=NOW - timedelta(hours=4),
    summary="Less & <more>",
)
GAZETTE = Feed(
    id="tag:gazette.example,2026:all",
    title="The Harbour & Bay Gazette",
    subtitle="News from an <invented> coast",
    link="https://gazette.example/",
    self_link="https://gazette.example/feeds/all",
    language="en",
    updated=NOW,
    authors=(Person("The Gazette"),),
    editor="editor@gazette.example (The Gazette)",
    rights="Copyright (c) The Gazette",
    categories=(Category("news"),),
    icon="https://gazette.example/icon.png",
    logo="https://gazette.example/logo.png",
    hubs=("https://hub.example/",),
    previous_archive="https://gazette.example/feeds/all/archive/1.atom",
    entries=(TIDES, REPUBLISHED, TEASER),
    tombstones=(Tombstone("tag:gazette.example,2026:0", NOW, "Withdrawn"),),
)

# What every reader must show alike.
HEADLINES = [(it.id, it.title, it.link, it.published) for it in GAZETTE.entries]
