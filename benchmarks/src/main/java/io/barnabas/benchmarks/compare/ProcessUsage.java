package io.barnabas.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What the kernel says of processes: CPU time so far, memory now and at its peak. Linux only. */
final class ProcessUsage {
    /** Clock ticks of {@code /proc/PID/stat} per second; 100 on every Linux that Java runs on. */
    private static final double TICKS_PER_SECOND = 100.0;

    private ProcessUsage() {}

    /** Seconds of user and system time of all of them together. */
    static double cpuSeconds(List<Process> processes) throws IOException {
        double seconds = 0;
        for (Process process : processes) {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            seconds += (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
        }
        return seconds;
    }

    /** How many cores all of them together keep busy over the next seconds, in which nothing is asked of them. */
    static double coresWhileIdle(List<Process> processes, int seconds) throws IOException, InterruptedException {
        double before = cpuSeconds(processes);
        long begin = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        return (cpuSeconds(processes) - before) / ((System.nanoTime() - begin) / 1e9);
    }

    /** Resident megabytes now. */
    static double residentMegabytes(List<Process> processes) throws IOException {
        return status(processes, "VmRSS:");
    }

    /** Resident megabytes at their peak. */
    static double peakMegabytes(List<Process> processes) throws IOException {
        return status(processes, "VmHWM:");
    }

    private static double status(List<Process> processes, String field) throws IOException {
        double kilobytes = 0;
        for (Process process : processes) {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
                if (line.startsWith(field)) {
                    kilobytes += Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
        }
        return kilobytes / 1024;
    }
}
