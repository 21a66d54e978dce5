import { sayCopied } from './say.ts';

/** `<button hidden data-copy="TEXT">`: shown where the browser can copy. */
export function copyButtons(): void {
  const { clipboard }: Partial<Navigator> = navigator;
  if (!clipboard) return;
  for (const button of document.querySelectorAll<HTMLElement>('[data-copy]')) {
    button.hidden = false;
    button.addEventListener('click', () => {
      void clipboard.writeText(button.dataset.copy ?? '').then(() => sayCopied(button));
    });
  }
}
