package io.barnabas.protocol.generator;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.plugins.annotations.ResolutionScope;
import org.apache.maven.project.MavenProject;

/**
 * Reads the message schemas out of the project's own kafka-clients dependency (of any scope) and adds the generated
 * classes to its sources. Does nothing when neither the schemas nor the generator have changed.
 */
@Mojo(
        name = "generate-messages",
        defaultPhase = LifecyclePhase.GENERATE_SOURCES,
        requiresDependencyResolution = ResolutionScope.TEST,
        threadSafe = true)
public final class GenerateMessagesMojo extends AbstractMojo {
    @Parameter(defaultValue = "${project}", readonly = true, required = true)
    private MavenProject project;

    @Parameter(defaultValue = "${plugin}", readonly = true, required = true)
    private PluginDescriptor plugin;

    @Parameter(defaultValue = "${project.build.directory}/generated-sources/messages", required = true)
    private File outputDirectory;

    /** {@code ApiKey} comes into this package, the messages into its subpackage {@code message}. */
    @Parameter(required = true)
    private String basePackage;

    @Override
    public void execute() throws MojoExecutionException {
        try {
            SortedMap<String, String> schemas = SchemaArchive.read(kafkaClients());
            String fingerprint = fingerprint(schemas);
            var sources = new SourceTree(outputDirectory.toPath());
            if (sources.isMadeFrom(fingerprint)) {
                getLog().debug("messages are up to date");
            } else {
                int changed = sources.replaceBy(new MessageGenerator(basePackage).generate(schemas), fingerprint);
                getLog().info("generated messages from " + schemas.size() + " schemas, " + changed + " files changed");
            }
            project.addCompileSourceRoot(outputDirectory.getPath());
        } catch (IOException | SchemaException e) {
            throw new MojoExecutionException("cannot generate messages: " + e.getMessage(), e);
        }
    }

    private Path kafkaClients() throws MojoExecutionException {
        for (Artifact artifact : project.getArtifacts()) {
            if (artifact.getGroupId().equals("org.apache.kafka")
                    && artifact.getArtifactId().equals("kafka-clients")
                    && artifact.getFile() != null) {
                return artifact.getFile().toPath();
            }
        }
        throw new MojoExecutionException("the project has no dependency on org.apache.kafka:kafka-clients");
    }

    private String fingerprint(SortedMap<String, String> schemas) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        digest.update(basePackage.getBytes(StandardCharsets.UTF_8));
        schemas.forEach((name, text) -> {
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            digest.update(text.getBytes(StandardCharsets.UTF_8));
        });
        for (Path file : ownFiles()) {
            digest.update(Files.readAllBytes(file));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The generator itself: a jar, or the folder of classes when it was compiled in the same run. */
    private List<Path> ownFiles() throws IOException {
        File own = plugin.getPluginArtifact().getFile();
        try (Stream<Path> files = Files.walk(own.toPath())) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
