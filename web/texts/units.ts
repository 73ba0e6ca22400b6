/** Times, sizes and distances in time. */
export const units = {
  justNow: "just now",
  ahead: (time: string) => `in ${time}`,
  ago: (time: string) => `${time} ago`,
  seconds: (count: number) => `${count} s`,
  minutes: (count: number) => `${count} min`,
  hours: (count: number) => `${count} h`,
  hoursAndMinutes: (hours: number, minutes: number) => `${hours} h ${minutes} min`,
  days: (count: number) => `${count} ${count === 1 ? "day" : "days"}`,
  milliseconds: (count: string) => `${count} ms`,
  secondsExactly: (count: string) => `${count} s`,
  bytes: (count: number) => `${count} B`,
  largerBytes: ["kB", "MB", "GB", "TB"],
};
