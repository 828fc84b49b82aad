// Looks at a page as it stands, in the browser, for what WCAG 2.2 AA asks of it: gives a sentence for each fault.
// An expression, because the page's policy lets nothing else in.
(() => {
  const faults = [];
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && element.closest('.unseen') === null;
  const named = (element) => {
    const ids = (element.getAttribute('aria-labelledby') ?? '').split(' ').filter(Boolean);
    const words = ids.map((id) => document.getElementById(id)?.textContent ?? '');
    const labels = [...(element.labels ?? [])].map((label) => label.textContent);
    return [...words, ...labels, element.getAttribute('aria-label') ?? '', element.title].join(' ').trim();
  };

  // 1.4.3 and 1.4.11: a colour as what a canvas makes of it, laid over what is behind it.
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const over = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at !== null; at = at.parentElement) layers.unshift(getComputedStyle(at).backgroundColor);
    return layers;
  };
  const describe = (element) =>
    `${element.localName}#${element.id}.${element.className} “${element.textContent.slice(0, 30)}”`;

  for (const element of document.body.querySelectorAll('*')) {
    if (!isShown(element)) continue;
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    if (hasText) {
      const layers = behind(element);
      const ratio = contrast(over([...layers, getComputedStyle(element).color]), over(layers));
      if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${describe(element)}`);
    }
    if (element.matches('input, textarea')) {
      const layers = behind(element.parentElement);
      const ratio = contrast(over([...layers, getComputedStyle(element).borderTopColor]), over(layers));
      if (ratio < 3) faults.push(`border's contrast ${ratio.toFixed(2)}: ${describe(element)}`);
    }
    if (element.matches('input, textarea, [tabindex="0"], dialog, aside, section') && named(element) === '') {
      faults.push(`no name: ${describe(element)}`);
    }
    if (element.matches('button, a') && `${element.textContent.trim()}${named(element)}` === '') {
      faults.push(`no name: ${describe(element)}`);
    }
    // 2.5.8: a target is at least 24 by 24 pixels.
    if (element.matches('button, input, textarea')) {
      const { width, height } = element.getBoundingClientRect();
      if (width < 24 || height < 24) faults.push(`small target ${width}×${height}: ${describe(element)}`);
    }
  }
  for (const reference of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for']) {
    for (const element of document.querySelectorAll(`[${reference}]`)) {
      for (const id of element.getAttribute(reference).split(' ')) {
        if (document.getElementById(id) === null) faults.push(`${reference} names nothing: ${id}`);
      }
    }
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) faults.push(`id twice: ${id}`);
  for (const name of ['main', 'h1']) {
    const count = [...document.querySelectorAll(name)].filter(isShown).length;
    if (count !== 1) faults.push(`${count} of ${name}`);
  }
  if (document.documentElement.lang === '' || document.title === '') faults.push('no language or title');
  // 1.4.10: nothing has to be scrolled sideways.
  if (document.documentElement.scrollWidth > innerWidth)
    faults.push(`wider than the screen: ${document.documentElement.scrollWidth}`);
  return faults;
})();
