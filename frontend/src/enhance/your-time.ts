/** "For you: Saturday 14:00", beside an hour of a place whose clock shows another. */
export function yourTime(): void {
  for (const element of document.querySelectorAll<HTMLElement>('[data-your-time]')) {
    const { yourTime: begins, ends, wall, text } = element.dataset;
    const begin = new Date(begins ?? '');
    if (!wall || !text || Number.isNaN(begin.getTime()) || sameClock(begin, wall)) continue;
    element.textContent = text.replace('{time}', hours(begin, ends ? new Date(ends) : undefined));
    element.hidden = false;
  }
}

/** Whether the reader's clock shows at that instant what the clock of the place does. */
function sameClock(instant: Date, wall: string): boolean {
  const here = instant.getTime() - instant.getTimezoneOffset() * 60_000;
  return new Date(here).toISOString().slice(0, 16) === wall.slice(0, 16);
}

/** The ways of writing that the pages have: see `tools/dates.ts`. */
function hours(begin: Date, end: Date | undefined): string {
  const { lang } = document.documentElement;
  const language = { en: 'en-GB', fr: 'fr-CA' }[lang] ?? lang;
  const format = new Intl.DateTimeFormat(language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    hour: 'numeric',
    minute: '2-digit',
  });
  return unbroken(end && end > begin ? format.formatRange(begin, end) : format.format(begin));
}

/** As the pages write hours: "2 h", not "02 h 00"; the same spaces in every browser, and no line ends before an "h". */
const unbroken = (text: string): string =>
  text
    .replace(/\b0(?=\d\sh)/g, '')
    .replace(/(\d\sh)\s00(?!\d)/g, '$1')
    .replace(/\s*–\s*|\d\sh(\s\d)?/g, (part) =>
      part.includes('–') ? '\u00a0– ' : part.replace(/\s/g, '\u00a0'),
    );
