// The drawer that the list of members is on a narrow screen; on a wide one the list is simply there. While it is open over
// the room, the room is out of reach. Knows nothing of what is in it.

export interface DrawerParts {
  readonly panel: HTMLElement;
  readonly opener: HTMLElement;
  readonly closer: HTMLElement;
  readonly shade: HTMLElement;
  readonly behind: readonly HTMLElement[];
}

/** Gives these parts their life. */
export function makeDrawer({ panel, opener, closer, shade, behind }: DrawerParts): void {
  const show = (isOpen: boolean): void => {
    panel.classList.toggle('open', isOpen);
    opener.setAttribute('aria-expanded', String(isOpen));
    for (const element of behind) element.inert = isOpen;
  };
  const close = (): void => {
    const wasOpen = panel.classList.contains('open');
    show(false);
    if (wasOpen) opener.focus();
  };
  opener.addEventListener('click', () => {
    show(true);
    panel.focus();
  });
  closer.addEventListener('click', close);
  shade.addEventListener('click', close);
  panel.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') close();
  });
  // Turned or widened, the drawer is gone.
  matchMedia('(min-width: 56rem)').addEventListener('change', () => show(false));
}
