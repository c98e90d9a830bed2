package io.barnabas.broker.api;

import io.barnabas.broker.api.ConfigAlteration.Answer;
import io.barnabas.broker.api.ConfigAlteration.Asked;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.protocol.message.AlterConfigsRequestData;
import io.barnabas.protocol.message.AlterConfigsRequestData.AlterConfigsResource;
import io.barnabas.protocol.message.AlterConfigsRequestData.AlterableConfig;
import io.barnabas.protocol.message.AlterConfigsResponseData;
import io.barnabas.protocol.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import java.util.ArrayList;
import java.util.List;

/** Replaces all values of a resource by the ones given: the older way, which the incremental one has succeeded. */
public final class AlterConfigsHandler implements RequestHandler<AlterConfigsRequestData> {
    private final ConfigAlteration alteration;

    public AlterConfigsHandler(ConfigAlteration alteration) {
        this.alteration = alteration;
    }

    @Override
    public void handle(RequestContext context, AlterConfigsRequestData request, Reply reply) {
        List<Asked> asked = new ArrayList<>();
        for (AlterConfigsResource resource : request.resources) {
            List<ConfigChange.Op> ops = new ArrayList<>();
            for (AlterableConfig config : resource.configs) {
                ops.add(new ConfigChange.Op(config.name, ConfigChange.Kind.SET, config.value));
            }
            asked.add(new Asked(resource.resourceType, resource.resourceName, ops, true));
        }
        alteration
                .alter(context.caller(), asked, request.validateOnly)
                .whenComplete((answers, failure) -> ApiDispatcher.attempt(context, request, reply, () -> {
                    if (failure != null) {
                        throw new IllegalStateException("the controller's answer cannot be told", failure);
                    }
                    AlterConfigsResponseData response = new AlterConfigsResponseData();
                    for (int i = 0; i < asked.size(); i++) {
                        Answer answer = answers.get(i);
                        AlterConfigsResourceResponse line = new AlterConfigsResourceResponse();
                        line.resourceType = asked.get(i).type();
                        line.resourceName = asked.get(i).name();
                        line.errorCode = answer.error().code();
                        line.errorMessage = answer.message();
                        response.responses.add(line);
                    }
                    reply.send(response);
                }));
    }
}
