/** Says in the nearest status line what its page wrote there for the case: seen, and read aloud. */
export function sayCopied(near: Element): void {
  const root = near.closest('section, aside, main') ?? document;
  const status = root.querySelector<HTMLElement>('[data-copied]');
  if (status) status.textContent = status.dataset.copied ?? '';
}
