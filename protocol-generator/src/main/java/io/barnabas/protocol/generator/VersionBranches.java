package io.barnabas.protocol.generator;

import com.squareup.javapoet.CodeBlock;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Writes {@code if (version >= …)} around code, and only where it can make a difference: what holds for every version
 * that can get there becomes straight code.
 */
final class VersionBranches {
    private VersionBranches() {}

    /** The test for {@code versions}, where what is tested lies in {@code range} and may go either way. */
    static CodeBlock condition(VersionRange versions, VersionRange range) {
        boolean fromBelow = versions.lowest() > range.lowest();
        boolean toAbove = versions.highest() < range.highest();
        if (fromBelow && toAbove) {
            return versions.lowest() == versions.highest()
                    ? CodeBlock.of("version == $L", versions.lowest())
                    : CodeBlock.of("version >= $L && version <= $L", versions.lowest(), versions.highest());
        }
        return fromBelow
                ? CodeBlock.of("version >= $L", versions.lowest())
                : CodeBlock.of("version <= $L", versions.highest());
    }

    /** An expression; each function gets the range that is then known to hold. */
    static CodeBlock choose(
            VersionRange versions,
            VersionRange range,
            Function<VersionRange, CodeBlock> within,
            Function<VersionRange, CodeBlock> outside) {
        VersionRange both = versions.and(range);
        if (both.isEmpty()) {
            return outside.apply(range);
        }
        if (versions.covers(range)) {
            return within.apply(range);
        }
        return CodeBlock.of(
                "($L ? $L : $L)", condition(versions, range), within.apply(both), outside.apply(range.minus(versions)));
    }

    /** Statements; a side that adds nothing leaves no empty branch behind. */
    static void branch(
            CodeBlock.Builder code,
            VersionRange versions,
            VersionRange range,
            Consumer<VersionedCode> within,
            Consumer<VersionedCode> outside) {
        VersionRange both = versions.and(range);
        if (both.isEmpty()) {
            outside.accept(new VersionedCode(code, range));
            return;
        }
        if (versions.covers(range)) {
            within.accept(new VersionedCode(code, range));
            return;
        }
        var inside = new VersionedCode(CodeBlock.builder(), both);
        var other = new VersionedCode(CodeBlock.builder(), range.minus(versions));
        within.accept(inside);
        outside.accept(other);
        boolean hasInside = !inside.code().isEmpty();
        boolean hasOther = !other.code().isEmpty();
        if (hasInside) {
            code.beginControlFlow("if ($L)", condition(versions, range))
                    .add(inside.code().build());
            if (hasOther) {
                code.nextControlFlow("else").add(other.code().build());
            }
            code.endControlFlow();
        } else if (hasOther) {
            code.beginControlFlow("if ($L)", condition(other.range(), range))
                    .add(other.code().build())
                    .endControlFlow();
        }
    }

    /** Code under construction, and the versions it can be reached with. */
    record VersionedCode(CodeBlock.Builder code, VersionRange range) {}
}
