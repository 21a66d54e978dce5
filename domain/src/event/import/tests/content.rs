//! What events say of themselves.

use super::{calendar, kinds, read, single};
use crate::event::{Attendance, Category, Content, import::NoteKind};

fn content(lines: &str) -> Content {
    let file = calendar(&format!(
        "X-WR-CALNAME:Fêtes\nEVENT\nUID:1\nDTSTART:20260601T100000Z\n{lines}\n/EVENT"
    ));
    single(&read(&file)).content.clone()
}

fn description(lines: &str) -> String {
    content(lines).description.as_html().to_owned()
}

#[test]
fn titles_are_unescaped_trimmed_and_one_line() {
    assert_eq!(
        content(r"SUMMARY:  Soupe\, pain\; vin \\ cidre ").title.as_str(),
        r"Soupe, pain; vin \ cidre"
    );
    assert_eq!(content(r"SUMMARY:a  b\nc").title.as_str(), "a b c");
    assert_eq!(content("SUMMARY:a  b").title.as_str(), "a  b");
    let reading = read(&calendar(&format!(
        "EVENT\nUID:1\nDTSTART:20260601\nSUMMARY:{}\n/EVENT",
        "é".repeat(300)
    )));
    assert_eq!(single(&reading).content.title.as_str().chars().count(), 200);
    assert_eq!(kinds(&reading), [NoteKind::TitleCut]);
}

#[test]
fn an_event_without_a_title_takes_words_from_its_text_its_place_or_its_calendar() {
    assert_eq!(
        content("DESCRIPTION:Bring a bowl\nLOCATION:Salle").title.as_str(),
        "Bring a bowl"
    );
    assert_eq!(content("SUMMARY: \nLOCATION:Salle").title.as_str(), "Salle");
    assert_eq!(content("").title.as_str(), "Fêtes");
    let reading = read(&calendar("EVENT\nUID:1\nDTSTART:20260601\n/EVENT"));
    assert_eq!(single(&reading).content.title.as_str(), "…");
    assert_eq!(kinds(&reading), [NoteKind::NoTitle]);
}

#[test]
fn texts_are_cleaned_whatever_they_are_written_in() {
    assert_eq!(description(r"DESCRIPTION:a <b\n\nc"), "<p>a &lt;b</p><p>c</p>");
    let evil = r#"DESCRIPTION:<b onclick="x()">a</b><script>alert(1)</script><img src=https://example.org/t.gif>"#;
    assert_eq!(description(evil), "<b>a</b>");
    assert_eq!(description(r"DESCRIPTION:<b>a</b>\nc"), "<b>a</b><br>c");
    assert_eq!(description(r"DESCRIPTION:<p>a</p>\n<p>b</p>"), "<p>a</p>\n<p>b</p>");
    let html = "DESCRIPTION:plain\nX-ALT-DESC;FMTTYPE=text/html:<html><body><p>a\\; b; c</p></body></html>";
    assert_eq!(description(html), "<p>a; b; c</p>");
    assert_eq!(
        description("DESCRIPTION:plain\nX-ALT-DESC;FMTTYPE=text/html:<p> </p>"),
        "<p>plain</p>"
    );
}

#[test]
fn attachments_become_links_and_pictures_are_named_for_the_fetcher() {
    let file = calendar(
        "EVENT\nUID:1\nDTSTART:20260601\nSUMMARY:a\nATTACH:file:///etc/passwd\nATTACH;ENCODING=BASE64;VALUE=BINARY:AAAA\nATTACH;FILENAME=\"Le <menu>.pdf\":https://example.org/menu.pdf\nATTACH;FMTTYPE=image/jpeg:https://example.org/poster\nATTACH:https://example.org/b.PNG?x=1\nDESCRIPTION:a\n/EVENT",
    );
    let reading = read(&file);
    let event = single(&reading);
    assert_eq!(event.picture.as_ref().unwrap().as_str(), "https://example.org/poster");
    assert_eq!(
        event.content.description.as_html(),
        "<p>a</p><ul><li><a href=\"https://example.org/menu.pdf\" rel=\"nofollow noopener ugc\">Le &lt;menu&gt;.pdf</a></li></ul>"
    );
    let file = file.replace(
        "SUMMARY:a",
        "SUMMARY:a\r\nIMAGE;VALUE=URI;DISPLAY=BADGE:https://example.org/c.webp",
    );
    assert_eq!(
        single(&read(&file)).picture.as_ref().unwrap().as_str(),
        "https://example.org/c.webp"
    );
}

#[test]
fn a_place_is_a_line_and_a_point() {
    let place = content("LOCATION:Salle des fêtes\\, 5651 Tarcienne\nGEO:50.31;4.49")
        .place
        .unwrap();
    assert_eq!(
        (place.name.as_str(), place.postal_code.as_str(), place.locality.as_str()),
        ("Salle des fêtes", "5651", "Tarcienne")
    );
    let point = place.point.unwrap();
    assert!((point.lat() - 50.31).abs() < 1e-9 && (point.lon() - 4.49).abs() < 1e-9);
    assert_eq!(content("GEO:50.31,4.49").place.unwrap().name.as_str(), "");
    let apple = "LOCATION:Salle\nX-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=\"Salle\":geo:50.31,4.49";
    assert!(content(apple).place.unwrap().point.is_some());
    for nowhere in ["", "LOCATION:", "GEO:0;0", "GEO:95;200", "GEO:NaN;1", "GEO:a;b"] {
        assert_eq!(content(nowhere).place, None, "{nowhere}");
    }
}

#[test]
fn online_and_hybrid_events_have_their_link() {
    for (lines, attendance, link) in [
        (
            "URL:https://example.org/e",
            Attendance::InPerson,
            Some("https://example.org/e"),
        ),
        (
            "LOCATION:https://example.org/room",
            Attendance::Online,
            Some("https://example.org/room"),
        ),
        (
            "LOCATION:En ligne\nURL:https://example.org/e",
            Attendance::Online,
            Some("https://example.org/e"),
        ),
        (
            "LOCATION:Salle\nCONFERENCE;VALUE=URI;FEATURE=VIDEO:https://example.org/c",
            Attendance::Hybrid,
            Some("https://example.org/c"),
        ),
        (
            "X-GOOGLE-CONFERENCE:https://meet.google.com/abc\nURL:https://example.org/e",
            Attendance::Online,
            Some("https://meet.google.com/abc"),
        ),
        (
            "URL:https://us02web.zoom.us/j/1",
            Attendance::Online,
            Some("https://us02web.zoom.us/j/1"),
        ),
        (
            "URL:https://notzoom.us/j/1",
            Attendance::InPerson,
            Some("https://notzoom.us/j/1"),
        ),
        ("URL:javascript:alert(1)", Attendance::InPerson, None),
        ("LOCATION:Salle", Attendance::InPerson, None),
    ] {
        let content = content(lines);
        assert_eq!(content.attendance, attendance, "{lines}");
        assert_eq!(content.online_address.as_ref().map(url::Url::as_str), link, "{lines}");
    }
    let both =
        content("URL:https://example.org/e\nCONFERENCE;VALUE=URI:tel:+32-2-1234567\nCONFERENCE:https://example.org/c");
    assert_eq!(both.details.source_url.unwrap().as_str(), "https://example.org/e");
    assert_eq!(both.details.phone.as_deref(), Some("+32-2-1234567"));
    assert_eq!(both.online_address.unwrap().as_str(), "https://example.org/c");
}

#[test]
fn words_become_tags_and_a_category_where_they_clearly_mean_one() {
    let content = content(
        "CATEGORIES:Concert\\, folk,#plein-air,concert folk\nCATEGORIES:MUSIQUE,!?,http://schemas.google.com/g/2005#event",
    );
    let tags: Vec<_> = content.tags.iter().map(crate::text::PlainText::as_str).collect();
    assert_eq!(tags, ["Concert, folk", "plein-air", "MUSIQUE"]);
    assert_eq!(content.category, Category::Music);
    let many: Vec<_> = (0..100).map(|number| format!("tag{number}")).collect();
    assert_eq!(self::content(&format!("CATEGORIES:{}", many.join(","))).tags.len(), 20);
}

#[test]
fn the_language_of_the_title_is_the_language_of_the_event() {
    assert_eq!(content("SUMMARY;LANGUAGE=fr-BE:a").language.unwrap().as_str(), "fr-be");
    assert_eq!(content("SUMMARY;LANGUAGE=<b>:a").language, None);
}
