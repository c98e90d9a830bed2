package io.barnabas.coordination.control;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** A list of forms. Final, so that a field of this type can hold nothing else, whatever the bytes say. */
final class Rows {
    private final List<Object> rows;

    private Rows(List<Object> rows) {
        this.rows = rows;
    }

    static <T> Rows of(Collection<T> values, Function<T, Object> form) {
        List<Object> rows = new ArrayList<>(values.size());
        for (T value : values) {
            rows.add(form.apply(value));
        }
        return new Rows(rows);
    }

    /** @throws ClassCastException if a row is no {@code form} */
    static <F, T> List<T> values(Rows rows, Class<F> form, Function<F, T> value) {
        if (rows == null) {
            return List.of();
        }
        List<T> values = new ArrayList<>(rows.rows.size());
        for (Object row : rows.rows) {
            values.add(value.apply(form.cast(row)));
        }
        return values;
    }

    /** Count, then kind and form of each. */
    static final class RowsSerializer extends Serializer<Rows> {
        private static final int FIRST_CAPACITY = 64;

        private final FrameBounds bounds;

        RowsSerializer(FrameBounds bounds) {
            super(true);
            this.bounds = bounds;
        }

        @Override
        public void write(Kryo kryo, Output output, Rows rows) {
            if (rows == null) {
                output.writeVarInt(0, true);
                return;
            }
            output.writeVarInt(rows.rows.size() + 1, true);
            for (Object row : rows.rows) {
                kryo.writeClassAndObject(output, row);
            }
        }

        @Override
        public Rows read(Kryo kryo, Input input, Class<? extends Rows> type) {
            int stored = input.readVarInt(true);
            if (stored == 0) {
                return null;
            }
            int count = bounds.checked(stored - 1);
            List<Object> rows = new ArrayList<>(Math.min(count, FIRST_CAPACITY));
            for (int index = 0; index < count; index++) {
                rows.add(kryo.readObject(input, FormLedger.readKind(kryo, input).getType()));
            }
            return new Rows(rows);
        }
    }
}
