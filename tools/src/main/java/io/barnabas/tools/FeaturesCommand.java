package io.barnabas.tools;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.SupportedVersionRange;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.ApiException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code barnabas features}: Kafka's kafka-features, one feature at a time named with its level. */
@Command(
        sortOptions = false,
        header = "Show and change the levels of features (kafka-features).",
        footer = "Levels are numbers, also that of metadata.version, which Kafka's script prints as a name.")
final class FeaturesCommand extends ClusterCommand {
    /** What is done to a level, in the words of Kafka's script. */
    enum Action {
        DESCRIBE("", ""),
        UPGRADE("upgrade", "upgraded"),
        DOWNGRADE("downgrade", "downgraded"),
        DISABLE("disable", "disabled");

        final String verb;
        final String done;

        Action(String verb, String done) {
            this.verb = verb;
            this.done = done;
        }
    }

    @Parameters(index = "0", paramLabel = "describe|upgrade|downgrade|disable", description = "what to do")
    private Action action;

    @Option(
            names = "--feature",
            paramLabel = "NAME=LEVEL",
            description =
                    "a feature and its new level, such as group.version=1; with disable its name alone; repeatable")
    private List<String> features = new ArrayList<>();

    @Option(names = "--unsafe", description = "with downgrade and disable: even if something is lost thereby")
    private boolean unsafe;

    @Option(names = "--dry-run", description = "only say whether it could be done")
    private boolean dryRun;

    FeaturesCommand(ToolStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() {
        if (action == Action.DESCRIBE) {
            if (!features.isEmpty() || unsafe || dryRun) {
                throw new ToolFailure("describe takes none of --feature, --unsafe and --dry-run");
            }
            try (Admin admin = openAdmin()) {
                describe(Failures.await(admin.describeFeatures().featureMetadata()));
            }
            return DONE;
        }
        if (unsafe && action == Action.UPGRADE) {
            throw new ToolFailure("--unsafe goes with downgrade and disable");
        }
        Map<String, Short> levels = levels(action, features);
        try (Admin admin = openAdmin()) {
            return update(admin, levels);
        }
    }

    /** @throws ToolFailure if there is none, one is not of the form, or comes twice */
    static Map<String, Short> levels(Action action, List<String> features) {
        if (features.isEmpty()) {
            throw new ToolFailure(action.verb + " needs at least one --feature");
        }
        Map<String, Short> levels = new TreeMap<>();
        for (String feature : features) {
            int equals = feature.indexOf('=');
            String name = equals < 0 ? feature : feature.substring(0, equals);
            if (name.isBlank() || (equals < 0) != (action == Action.DISABLE)) {
                throw new ToolFailure("--feature: '" + feature + "' is not of the form "
                        + (action == Action.DISABLE ? "name" : "name=level"));
            }
            if (levels.put(name.strip(), equals < 0 ? 0 : level(feature, equals)) != null) {
                throw new ToolFailure("--feature: " + name + " comes twice");
            }
        }
        return levels;
    }

    private static short level(String feature, int equals) {
        String mistake = "--feature: the level in '" + feature + "' is no number from 0 to " + Short.MAX_VALUE;
        try {
            short level = Short.parseShort(feature.substring(equals + 1).strip());
            if (level >= 0) {
                return level;
            }
        } catch (NumberFormatException e) {
            throw new ToolFailure(mistake, e);
        }
        throw new ToolFailure(mistake);
    }

    private void describe(FeatureMetadata metadata) {
        String epoch = metadata.finalizedFeaturesEpoch().map(Object::toString).orElse(TextTable.UNKNOWN);
        List<Map<String, Object>> json = new ArrayList<>();
        new TreeMap<>(metadata.supportedFeatures()).forEach((name, supported) -> {
            FinalizedVersionRange finalized = metadata.finalizedFeatures().get(name);
            int level = finalized == null ? 0 : finalized.maxVersionLevel();
            if (inJson()) {
                json.add(json(name, supported, level));
            } else {
                out().println(String.format(
                        Locale.ROOT,
                        "Feature: %-40s  SupportedMinVersion: %-15s  SupportedMaxVersion: %-15s"
                                + "  FinalizedVersionLevel: %-15s  Epoch: %s",
                        name,
                        supported.minVersion(),
                        supported.maxVersion(),
                        level,
                        epoch));
            }
        });
        if (inJson()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("epoch", metadata.finalizedFeaturesEpoch().orElse(null));
            result.put("features", json);
            printJson(result);
        }
    }

    private static Map<String, Object> json(String name, SupportedVersionRange supported, int level) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("feature", name);
        json.put("supportedMinVersion", supported.minVersion());
        json.put("supportedMaxVersion", supported.maxVersion());
        json.put("finalizedVersionLevel", level);
        return json;
    }

    private int update(Admin admin, Map<String, Short> levels) {
        Map<String, FeatureUpdate> updates = new LinkedHashMap<>();
        levels.forEach((name, level) -> updates.put(name, new FeatureUpdate(level, kindOfUpdate())));
        Map<String, KafkaFuture<Void>> answers = admin.updateFeatures(
                        updates, new UpdateFeaturesOptions().validateOnly(dryRun))
                .values();
        int failed = 0;
        List<Map<String, Object>> json = new ArrayList<>();
        for (Map.Entry<String, Short> one : levels.entrySet()) {
            String to = action == Action.DISABLE ? "" : " to " + one.getValue();
            String failure = null;
            try {
                Failures.await(answers.get(one.getKey()));
            } catch (ApiException e) {
                failure = Failures.sentence(e);
                failed++;
                out().flush();
                note("barnabas features: could not " + action.verb + " " + one.getKey() + to + ": " + failure);
            }
            if (failure == null && !inJson()) {
                out().println(one.getKey() + (dryRun ? " can be " : " was ") + action.done + to + ".");
            }
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("feature", one.getKey());
            result.put("level", one.getValue());
            result.put("error", failure);
            json.add(result);
        }
        if (inJson()) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("dryRun", dryRun);
            result.put("features", json);
            printJson(result);
        }
        if (failed > 0) {
            note("barnabas features: " + failed + " of " + levels.size() + " could not be done");
        }
        return failed == 0 ? DONE : FAILED;
    }

    private FeatureUpdate.UpgradeType kindOfUpdate() {
        if (action == Action.UPGRADE) {
            return FeatureUpdate.UpgradeType.UPGRADE;
        }
        return unsafe ? FeatureUpdate.UpgradeType.UNSAFE_DOWNGRADE : FeatureUpdate.UpgradeType.SAFE_DOWNGRADE;
    }
}
