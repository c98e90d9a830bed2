package io.barnabas.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.protocol.ApiKey;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.UpdateFeaturesRequestData;
import io.barnabas.protocol.message.UpdateFeaturesRequestData.FeatureUpdateKey;
import io.barnabas.protocol.message.UpdateFeaturesResponseData;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UpdateFeaturesHandlerTest {
    private static final byte UPGRADE = 1;
    private static final byte SAFE_DOWNGRADE = 2;

    private final FakeController controller = new FakeController();
    private final List<String> steps = new ArrayList<>();
    private Refusal objection;
    private final UpdateFeaturesHandler handler = new UpdateFeaturesHandler(controller, new FeatureDowngrade() {
        @Override
        public CompletionStage<Refusal> prepare(String feature, short level) {
            steps.add("prepare " + feature + " " + level + " stored " + controller.features.size());
            return CompletableFuture.completedFuture(objection);
        }

        @Override
        public void end(String feature, short level, boolean stored) {
            steps.add("end " + stored + " stored " + controller.features.size());
        }
    });

    @Test
    @DisplayName("a downgrade takes back what is left, then stores the level, then ends (WIRE-11)")
    void downgrade() {
        assertThat(ErrorCode.of(ask(SAFE_DOWNGRADE, 0).errorCode)).isEqualTo(ErrorCode.NONE);

        assertThat(steps).containsExactly("prepare group.version 0 stored 0", "end true stored 1");
    }

    @Test
    @DisplayName("while something is left the level stays, and the answer says what")
    void objected() {
        objection = new Refusal(Reason.NON_EMPTY_GROUP, "Group busy has members.");

        UpdateFeaturesResponseData response = ask(SAFE_DOWNGRADE, 0);

        assertThat(ErrorCode.of(response.errorCode)).isEqualTo(ErrorCode.FEATURE_UPDATE_FAILED);
        assertThat(response.errorMessage).isEqualTo("Group busy has members.");
        assertThat(steps).containsExactly("prepare group.version 0 stored 0", "end false stored 0");
        assertThat(controller.features).isEmpty();
    }

    @Test
    @DisplayName("an upgrade takes nothing back, nor does a request that is refused or only tried")
    void untouched() {
        ask(UPGRADE, 1);
        UpdateFeaturesRequestData tried = request(SAFE_DOWNGRADE, 0);
        tried.validateOnly = true;
        ask(tried);
        controller.refusals.put("group.version", new Refusal(Reason.INVALID_UPDATE_VERSION, "no"));
        UpdateFeaturesResponseData response = ask(SAFE_DOWNGRADE, 0);

        assertThat(ErrorCode.of(response.errorCode)).isEqualTo(ErrorCode.INVALID_UPDATE_VERSION);
        assertThat(steps).isEmpty();
    }

    private UpdateFeaturesResponseData ask(byte kind, int level) {
        return ask(request(kind, level));
    }

    private UpdateFeaturesResponseData ask(UpdateFeaturesRequestData request) {
        return KeptReply.ask(
                handler, FakeContext.of(ApiKey.UPDATE_FEATURES, 2), request, UpdateFeaturesResponseData.class);
    }

    private static UpdateFeaturesRequestData request(byte kind, int level) {
        UpdateFeaturesRequestData request = new UpdateFeaturesRequestData();
        FeatureUpdateKey update = new FeatureUpdateKey();
        update.feature = "group.version";
        update.maxVersionLevel = (short) level;
        update.upgradeType = kind;
        request.featureUpdates.add(update);
        return request;
    }
}
