// Imported before the stage: its demo has a desktop, too.
process.env.OPENPAM_DEMO_DESKTOP = "on";
