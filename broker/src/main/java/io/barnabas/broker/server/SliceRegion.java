package io.barnabas.broker.server;

import io.barnabas.log.LogSlice;
import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A slice of a log as a region that the kernel sends from the file. Holds the slice until it is sent or given up; the
 * file's channel belongs to the log and is never closed here. Netty fails the connection when the file ends before the
 * region does, so that nothing shorter than announced is ever passed off as a response.
 */
final class SliceRegion extends DefaultFileRegion {
    private static final Logger LOG = LoggerFactory.getLogger(SliceRegion.class);

    private final LogSlice slice;

    private SliceRegion(FileChannel channel, LogSlice slice) {
        super(channel, slice.filePosition(), slice.sizeInBytes());
        this.slice = slice;
    }

    /** Whether there is a file to send from; in a simulation there is none. */
    static boolean canSend(LogSlice slice) {
        return slice.file().lendChannel() != null;
    }

    /** Takes over one hold on the slice, which {@link #canSend}. */
    static SliceRegion of(LogSlice slice) {
        return new SliceRegion(slice.file().lendChannel(), slice);
    }

    /**
     * The kernel does not say on which side sending failed, and the native transport asks nobody here: whatever was not sent to its end
     * is looked at, so that an unreadable file is never taken for a client that went away.
     */
    @Override
    protected void deallocate() {
        try {
            if (transferred() < count() && !slice.isReadableFrom(transferred())) {
                LOG.warn("{} cannot be read from byte {} on; closing the connection", slice, transferred());
            }
        } finally {
            slice.release();
        }
    }
}
