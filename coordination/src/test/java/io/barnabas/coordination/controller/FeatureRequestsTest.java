package io.barnabas.coordination.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.coordination.control.ClusterChange;
import io.barnabas.coordination.control.ClusterState;
import io.barnabas.coordination.control.FeatureChange;
import io.barnabas.coordination.control.FeatureChange.Kind;
import io.barnabas.coordination.control.FeatureLevels;
import io.barnabas.coordination.store.FeatureStore.StoredFeatures;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FeatureRequestsTest {
    private static final BrokerId ONE = new BrokerId(1);

    private final ControllerMachine machine = new ControllerMachine(
            1, ONE, new ControllerConfig(1, 1, true, false, ConfigCheck.none()), new SeededRandom(1));

    @Test
    @DisplayName(
            "(WIRE-11) brokers learn the levels with the full state, and of a change when it is stored, with a higher epoch")
    void levelsAreTold() {
        ClusterState told = (ClusterState)
                only(ControllerEffect.Tell.class, elected(StoredFeatures.NONE)).message();
        assertThat(told.features()).isEqualTo(FeatureLevels.NONE);

        List<ControllerEffect> asked = machine.onUpdateFeatures(7, List.of(change(1, Kind.UPGRADE)), false);
        assertThat(asked).containsExactly(new ControllerEffect.StoreFeatures(Map.of("group.version", (short) 1), -1));

        List<ControllerEffect> stored = machine.onFeaturesWritten(WriteResult.stored(0));
        ClusterChange changed =
                (ClusterChange) only(ControllerEffect.Tell.class, stored).message();
        assertThat(changed.features()).isEqualTo(new FeatureLevels(Map.of("group.version", (short) 1), 1));
        assertThat(only(ControllerEffect.AnswerFeature.class, stored).result().refusal())
                .isNull();
    }

    @Test
    @DisplayName(
            "what is unknown, too high, below 0, or goes the other way than it says is refused, and nothing is stored")
    void mistakesAreRefused() {
        elected(new StoredFeatures(Map.of("group.version", (short) 1), 4));

        assertThat(refused(change(2, Kind.UPGRADE))).isEqualTo(Reason.INVALID_UPDATE_VERSION);
        assertThat(refused(change(-1, Kind.SAFE_DOWNGRADE))).isEqualTo(Reason.INVALID_UPDATE_VERSION);
        assertThat(refused(change(0, Kind.UPGRADE))).isEqualTo(Reason.INVALID_UPDATE_VERSION);
        assertThat(refused(new FeatureChange("share.version", (short) 1, Kind.UPGRADE)))
                .isEqualTo(Reason.INVALID_UPDATE_VERSION);
        assertThat(refused(change(1, Kind.UPGRADE))).isNull();
    }

    @Test
    @DisplayName("one wrong update of a request stops the others")
    void allOrNone() {
        elected(StoredFeatures.NONE);

        List<ControllerEffect> effects = machine.onUpdateFeatures(
                1, List.of(change(1, Kind.UPGRADE), new FeatureChange("x", (short) 1, Kind.UPGRADE)), false);

        assertThat(effects)
                .extracting(effect -> ((ControllerEffect.AnswerFeature) effect)
                        .result()
                        .refusal()
                        .reason())
                .containsExactly(Reason.FEATURE_UPDATE_FAILED, Reason.INVALID_UPDATE_VERSION);
    }

    @Test
    @DisplayName("who only asks whether it would do is answered, and nothing is stored")
    void validateOnly() {
        elected(StoredFeatures.NONE);

        List<ControllerEffect> effects = machine.onUpdateFeatures(1, List.of(change(1, Kind.UPGRADE)), true);

        assertThat(only(ControllerEffect.AnswerFeature.class, effects).result().refusal())
                .isNull();
        assertThat(effects).hasSize(1);
    }

    @Test
    @DisplayName("if somebody else has written, the request is judged anew by what they wrote (CTRL-27)")
    void conflictsAreJudgedAnew() {
        elected(StoredFeatures.NONE);
        machine.onUpdateFeatures(1, List.of(change(1, Kind.UPGRADE)), false);

        assertThat(machine.onFeaturesWritten(WriteResult.conflict()))
                .containsExactly(new ControllerEffect.LoadFeatures());
        List<ControllerEffect> effects =
                machine.onFeaturesLoaded(new StoredFeatures(Map.of("group.version", (short) 1), 0));

        assertThat(only(ControllerEffect.AnswerFeature.class, effects).result().refusal())
                .isNull();
        assertThat(effects).noneMatch(ControllerEffect.StoreFeatures.class::isInstance);
    }

    private List<ControllerEffect> elected(StoredFeatures features) {
        BrokerInfo broker = new BrokerInfo(ONE, 1, List.of(), null);
        return machine.onElected(
                new StoredCluster(List.of(broker), List.of(), Map.of(), Set.of(), Map.of(), -1, features));
    }

    private Reason refused(FeatureChange change) {
        var answer = only(ControllerEffect.AnswerFeature.class, machine.onUpdateFeatures(1, List.of(change), false));
        return answer.result().refusal() == null
                ? null
                : answer.result().refusal().reason();
    }

    private static <E extends ControllerEffect> E only(Class<E> kind, List<ControllerEffect> effects) {
        List<E> found =
                effects.stream().filter(kind::isInstance).map(kind::cast).toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static FeatureChange change(int level, Kind kind) {
        return new FeatureChange("group.version", (short) level, kind);
    }
}
