package io.barnabas.broker.api;

import io.barnabas.broker.api.ConfigDescriptions.Described;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.DescribeConfigsRequestData;
import io.barnabas.protocol.message.DescribeConfigsRequestData.DescribeConfigsResource;
import io.barnabas.protocol.message.DescribeConfigsResponseData;
import io.barnabas.protocol.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import io.barnabas.protocol.message.DescribeConfigsResponseData.DescribeConfigsResult;
import io.barnabas.protocol.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import java.util.ArrayList;
import java.util.List;

/** Tells the configuration of topics, groups and this broker: values, where they come from, and what they are for. */
public final class DescribeConfigsHandler implements RequestHandler<DescribeConfigsRequestData> {
    private final CurrentCluster cluster;
    private final ConfigDescriptions descriptions;

    public DescribeConfigsHandler(CurrentCluster cluster, ConfigDescriptions descriptions) {
        this.cluster = cluster;
        this.descriptions = descriptions;
    }

    @Override
    public void handle(RequestContext context, DescribeConfigsRequestData request, Reply reply) {
        ClusterView view = cluster.view();
        DescribeConfigsResponseData response = new DescribeConfigsResponseData();
        for (DescribeConfigsResource resource : request.resources) {
            DescribeConfigsResult result = new DescribeConfigsResult();
            result.resourceType = resource.resourceType;
            result.resourceName = resource.resourceName;
            response.results.add(result);
            for (Described described : described(view, resource, result)) {
                if (wanted(resource, described.name())) {
                    result.configs.add(line(described, request));
                }
            }
        }
        reply.send(response);
    }

    /** Empty, with the error in {@code result}, if the resource cannot be described. */
    private List<Described> described(
            ClusterView view, DescribeConfigsResource resource, DescribeConfigsResult result) {
        String name = resource.resourceName;
        switch (resource.resourceType) {
            case ConfigResource.TOPIC -> {
                String complaint = TopicNames.complaint(name);
                if (complaint != null) {
                    return refuse(result, ErrorCode.INVALID_TOPIC_EXCEPTION, complaint);
                }
                if (view.topic(name) == null) {
                    return refuse(result, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null);
                }
                return descriptions.topic(view.configs().topic(name), view.configs());
            }
            case ConfigResource.BROKER -> {
                if (name.isEmpty()) {
                    return descriptions.brokerDefaults(view.configs());
                }
                String complaint =
                        ConfigResource.otherBroker(name, descriptions.self().value());
                return complaint == null
                        ? descriptions.thisBroker(view.configs())
                        : refuse(result, ErrorCode.INVALID_REQUEST, complaint);
            }
            case ConfigResource.GROUP -> {
                String complaint = ConfigResource.badGroup(name);
                return complaint == null
                        ? descriptions.group(view.configs().group(name), view.configs())
                        : refuse(result, ErrorCode.INVALID_REQUEST, complaint);
            }
            default -> {
                return refuse(result, ErrorCode.INVALID_REQUEST, ConfigResource.notServed(resource.resourceType));
            }
        }
    }

    private static boolean wanted(DescribeConfigsResource resource, String key) {
        List<String> keys = resource.configurationKeys;
        return keys == null || keys.isEmpty() || keys.contains(key);
    }

    private static List<Described> refuse(DescribeConfigsResult result, ErrorCode error, String message) {
        result.errorCode = error.code();
        result.errorMessage = message;
        return List.of();
    }

    private static DescribeConfigsResourceResult line(Described described, DescribeConfigsRequestData request) {
        DescribeConfigsResourceResult line = new DescribeConfigsResourceResult();
        line.name = described.name();
        line.value = described.value();
        line.readOnly = described.readOnly();
        line.configSource = described.source().wireId();
        line.isSensitive = described.sensitive();
        line.configType = described.type().wireId();
        line.documentation = request.includeDocumentation ? described.about() : null;
        line.synonyms = new ArrayList<>();
        if (request.includeSynonyms) {
            for (ConfigDescriptions.Synonym synonym : described.synonyms()) {
                DescribeConfigsSynonym told = new DescribeConfigsSynonym();
                told.name = synonym.name();
                told.value = synonym.value();
                told.source = synonym.source().wireId();
                line.synonyms.add(told);
            }
        }
        return line;
    }
}
