package io.barnabas.coordination.control;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;

/** Arrays whose length is looked at before it is believed. */
final class ArraySerializers {
    private ArraySerializers() {}

    /** Length, then the bytes. */
    static final class OfBytes extends Serializer<byte[]> {
        private final FrameBounds bounds;

        OfBytes(FrameBounds bounds) {
            super(true);
            this.bounds = bounds;
        }

        @Override
        public void write(Kryo kryo, Output output, byte[] bytes) {
            if (bytes == null) {
                output.writeVarInt(0, true);
                return;
            }
            output.writeVarInt(bytes.length + 1, true);
            output.writeBytes(bytes);
        }

        @Override
        public byte[] read(Kryo kryo, Input input, Class<? extends byte[]> type) {
            int stored = input.readVarInt(true);
            return stored == 0 ? null : input.readBytes(bounds.checked(stored - 1));
        }
    }

    /** Length, then each number in as few bytes as it needs. */
    static final class OfInts extends Serializer<int[]> {
        private final FrameBounds bounds;

        OfInts(FrameBounds bounds) {
            super(true);
            this.bounds = bounds;
        }

        @Override
        public void write(Kryo kryo, Output output, int[] ints) {
            if (ints == null) {
                output.writeVarInt(0, true);
                return;
            }
            output.writeVarInt(ints.length + 1, true);
            for (int value : ints) {
                output.writeVarInt(value, false);
            }
        }

        @Override
        public int[] read(Kryo kryo, Input input, Class<? extends int[]> type) {
            int stored = input.readVarInt(true);
            if (stored == 0) {
                return null;
            }
            int[] ints = new int[bounds.checked(stored - 1)];
            for (int index = 0; index < ints.length; index++) {
                ints[index] = input.readVarInt(false);
            }
            return ints;
        }
    }
}
