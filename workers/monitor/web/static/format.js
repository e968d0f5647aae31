// Values as people read them.

const NOTHING = "–";
const GROUPED = new Intl.NumberFormat("en");

export const count = (value) => (value == null ? NOTHING : GROUPED.format(value));

/** Pages a second, with as many digits as tell something. */
export function rate(value) {
  if (value == null) return NOTHING;
  if (value === 0) return "0";
  if (value < 0.01) return `${trimmed(value * 3600, 1)}/h`;
  if (value < 1) return `${trimmed(value * 60, 1)}/min`;
  return `${value < 100 ? trimmed(value, 1) : count(Math.round(value))}/s`;
}

const trimmed = (value, digits) => value.toFixed(digits).replace(/\.0+$/, "");

/** Seconds: 3 ms, 0.4 s, 12 s, 3 min 20 s, 2 h 5 min, 3 d 4 h. */
export function span(seconds) {
  if (seconds == null) return NOTHING;
  if (seconds > 0 && seconds < 0.1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 10) return `${trimmed(seconds, 1)} s`;
  const whole = Math.round(seconds);
  for (const [size, unit, smaller, name] of [
    [86400, "d", 3600, "h"],
    [3600, "h", 60, "min"],
    [60, "min", 1, "s"],
  ]) {
    if (whole >= size) {
      const rest = Math.floor((whole % size) / smaller);
      return `${count(Math.floor(whole / size))} ${unit}${rest ? ` ${rest} ${name}` : ""}`;
    }
  }
  return `${whole} s`;
}

export function bytes(value) {
  if (value == null) return NOTHING;
  let number = value;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (number < 1000) return `${unit === "B" || number >= 10 ? Math.round(number) : number.toFixed(1)} ${unit}`;
    number /= 1000;
  }
  return `${number.toFixed(1)} TB`;
}

export function share(part, whole) {
  if (!whole || part == null) return NOTHING;
  const percent = (100 * part) / whole;
  return percent > 0 && percent < 0.1 ? "< 0.1 %" : `${trimmed(percent, percent < 10 ? 1 : 0)} %`;
}

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const SECOND = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const OLD = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

const formatted = (form, value) => {
  const moment = new Date(value);
  return value == null || Number.isNaN(moment.getTime()) ? NOTHING : form.format(moment);
};

/** On the viewer's clock. */
export const clock = (value) => formatted(TIME, value);
export const second = (value) => formatted(SECOND, value);
export const day = (value) => formatted(new Date(value).getFullYear() === new Date().getFullYear() ? DAY : OLD, value);

export const words = (name) => name.replaceAll("_", " ");
