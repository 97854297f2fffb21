namespace RedLeafSharp.Drivers.Nvme;

/// <summary>What the driver bounds, and why.</summary>
internal static class NvmeLimits
{
    /// <summary>Entries of the admin queues; the driver has at most two admin commands in flight.</summary>
    internal const int AdminEntries = 16;

    /// <summary>Requests in flight unless the setting queueDepth says otherwise: enough to cover 100 us at 1.2 M IOPS.</summary>
    internal const int QueueDepthDefault = 128;

    /// <summary>One less than 256, so that the eight low bits of a command identifier name the slot and FFFFh is never used.</summary>
    internal const int QueueDepthMax = 255;

    /// <summary>Payload of one command: what the PRP list of one slot can name. QEMU's default limit is the same.</summary>
    internal const int TransferBytesMax = 512 << 10;

    /// <summary>PRP entries of a slot: all pages but the first, and one more when the payload starts within a page.</summary>
    internal const int PrpEntriesPerSlot = TransferBytesMax / PageBuffer.PageBytes;

    /// <summary>Age at which a command is aborted. Disks answer within seconds even when they recover a sector.</summary>
    internal const long CommandTimeoutMicros = 5_000_000;

    /// <summary>How finely command ages are told apart; more means more checks.</summary>
    internal const int TicksPerTimeout = 4;

    /// <summary>Polls after which the clock is read although they deliver: a lost command must not hide behind others.</summary>
    internal const int PollsPerCheck = 256;

    /// <summary>Longest wait for an admin command; the specification sets no bound, drivers elsewhere take a minute.</summary>
    internal const long AdminTimeoutMicros = 10_000_000;

    /// <summary>Longest wait for the end of a shutdown when the controller states none.</summary>
    internal const long ShutdownTimeoutMicros = 5_000_000;

    /// <summary>First and longest pause while the driver waits for a register or an admin completion.</summary>
    internal const long PauseMicrosMin = 1;

    /// <inheritdoc cref="PauseMicrosMin"/>
    internal const long PauseMicrosMax = 1_000;

    /// <summary>Longest wait for an interrupt before the driver looks by itself: interrupts can get lost.</summary>
    internal const long InterruptSliceMicros = 100_000;

    /// <summary>Controller resets within <see cref="ResetWindowMicros"/> after which the device counts as failed.</summary>
    internal const int ResetsMax = 3;

    /// <inheritdoc cref="ResetsMax"/>
    internal const long ResetWindowMicros = 60_000_000;
}
