package io.barnabas.system.tests.faults;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A fault that is done to a cluster under load. Those with the tag {@code faults} run by {@code system-tests/faults} only. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Test
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@ExtendWith(ScenarioReport.class)
@interface Scenario {
    /** The contract's name for it, such as {@code FAULT-01}. */
    String value();

    /** What is done, and what has to hold. */
    String what();
}
