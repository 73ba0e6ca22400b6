/** What is said of a session by what it shows: a shell or a desktop. */
export interface KindWords {
  title: string;
  heading: (target: string) => string;
  opening: (target: string) => string;
  fetching: string;
  none: (target: string) => string;
  endAbout: string;
  endOthersAbout: string;
  /** Ends that read otherwise than a shell's. */
  ends: Record<string, { title?: string; todo?: string }>;
}

const keepIt = "To keep it running, go back to your targets instead: you find it again under Sessions.";
const toldAbout = "and its user is told that an administrator ended it. Its recording stays.";

export const kinds: Record<"shell" | "desktop", KindWords> = {
  shell: {
    title: "Shell",
    heading: (target) => `Shell on ${target}`,
    opening: (target) => `Opening a shell on ${target}`,
    fetching: "Fetching its screen from the site",
    none: (target) => `No shell on ${target}`,
    endAbout: `Whatever runs in this shell ends with it. ${keepIt}`,
    endOthersAbout: `Whatever runs in this shell ends with it, ${toldAbout}`,
    ends: {},
  },
  desktop: {
    title: "Desktop",
    heading: (target) => `Desktop of ${target}`,
    opening: (target) => `Opening the desktop of ${target}`,
    fetching: "Fetching its picture from the site",
    none: (target) => `No desktop of ${target}`,
    endAbout: `This page lets go of the desktop for good; whether programs there go on is up to the machine. ${keepIt}`,
    endOthersAbout: `The desktop is closed for its user, ${toldAbout}`,
    ends: {
      exited: { title: "The desktop was closed", todo: "Its user signed out there, or the machine ended it. Open the target again." },
      idle_limit: { title: "Ended because nothing was done" },
      host_key_changed: { title: "The target shows another certificate" },
      credential_rejected: { todo: "Its password has changed, or the account is locked. Ask an administrator to renew the credential." },
      target_unreachable: { todo: "Check that the machine is on, and that its address, port and security mode are right." },
    },
  },
};
