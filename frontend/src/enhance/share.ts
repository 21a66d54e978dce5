import { sayCopied } from './say.ts';

/** `<button hidden data-share>`: the phone's own way to share, else the address is copied. */
export function shareButtons(): void {
  // A browser may have neither: in old ones, and on plain http.
  const browser: Partial<Navigator> = navigator;
  if (!browser.share && !browser.clipboard) return;
  for (const button of document.querySelectorAll<HTMLElement>('[data-share]')) {
    button.hidden = false;
    button.addEventListener('click', () => void share(browser, button));
  }
}

async function share(browser: Partial<Navigator>, button: Element): Promise<void> {
  const url = document.querySelector<HTMLLinkElement>('link[rel=canonical]')?.href ?? location.href;
  // Who closes the phone's dialog has said no: that is no failure.
  if (browser.share) return browser.share({ title: document.title, url }).catch(() => {});
  await browser.clipboard?.writeText(url);
  sayCopied(button);
}
