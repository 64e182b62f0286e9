import { dayDivider, dayName } from './shown.js';

const MAX_SHOWN = 100;

/**
 * Creates a panel with the messages of one chat, newest last. It follows new messages while its end
 * is shown. If the reader has scrolled up, it stays there and offers a button to the end.
 */
export function channel(name) {
  const list = document.getElementById(name);
  const scroll = document.getElementById(`${name}-scroll`);
  const latest = document.querySelector(`#${name}-panel .latest`);
  let lastDay;
  let following = true;
  let lastTop = 0;

  function isAtEnd() {
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
  }

  function toEnd(behavior) {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    scroll.scrollTo({ top: scroll.scrollHeight, behavior: still ? 'instant' : behavior });
  }

  latest.addEventListener('click', () => {
    // Also follows messages that arrive on the way to the end.
    following = true;
    toEnd('smooth');
  });
  scroll.addEventListener('scroll', () => {
    const { scrollTop } = scroll;
    if (isAtEnd()) {
      following = true;
      latest.hidden = true;
    } else if (scrollTop < lastTop) following = false;
    lastTop = scrollTop;
  });

  return {
    startOver() {
      lastDay = undefined;
      following = true;
      latest.hidden = true;
      list.replaceChildren();
    },
    show(item, atMs, isNew) {
      const day = dayName(atMs);
      if (day !== lastDay) list.append(dayDivider(atMs));
      lastDay = day;
      list.append(item);
      while (list.childElementCount > MAX_SHOWN) list.firstElementChild.remove();
      if (following || !isNew) toEnd(isNew ? 'smooth' : 'instant');
      else latest.hidden = false;
    },
    /** Called when the panel comes into view. */
    reveal() {
      if (following) toEnd('instant');
    },
  };
}
