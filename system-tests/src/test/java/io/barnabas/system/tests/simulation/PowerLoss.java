package io.barnabas.system.tests.simulation;

/** Which machines lose their power in a run, and with it what was not fsynced (FAULT-22). */
enum PowerLoss {
    NEVER,

    /** Always the same one, while others hold what it holds: nothing may be lost. */
    OF_ONE,

    /** All at once: what was not fsynced may be lost, and nothing else. */
    OF_ALL
}
