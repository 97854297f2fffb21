using RedLeafSharp.Devices;

namespace RedLeafSharp.Machine.Nvme;

/// <summary>
/// BAR 0: the controller registers and the doorbells (NVMe 1.4 section 3.1). Doorbell stride is 4 bytes. Reserved
/// registers read as 0; writes to what is read-only are ignored.
/// </summary>
internal sealed class NvmeRegisters : RegisterBank
{
    /// <summary>CAP.TO in units of 500 ms: how long a driver waits for CSTS.RDY at most.</summary>
    private const ulong ReadyTimeout = 2;

    private readonly NvmeController controller;
    private readonly NvmeFaults? faults;
    private readonly bool isDeferred;
    private readonly ulong capabilities;
    private uint interruptMask;
    private uint controllerConfiguration;
    private uint queueAttributes;
    private ulong submissionBase;
    private ulong completionBase;
    private bool isReady;
    private bool isConfigurationRefused;
    private bool hasSubsystemReset;
    private uint shutdownStatus;

    internal NvmeRegisters(NvmeController controller)
    {
        this.controller = controller;
        faults = controller.Options.Faults;
        isDeferred = controller.Options.Deferral is not null;
        capabilities = (ulong)(controller.Options.QueueEntriesMax - 1)
            | NvmeSpec.ContiguousQueuesRequired
            | (ReadyTimeout << NvmeSpec.CapabilitiesTimeoutShift)
            | NvmeSpec.SubsystemResetSupported
            | NvmeSpec.NvmCommandSet;
    }

    internal override int LengthBytes => 8192;

    /// <summary>Mirror of the memory-space bit of the function's command register: without it nothing answers.</summary>
    internal bool IsDecoded { get; set; }

    private bool IsEnabled => (controllerConfiguration & NvmeSpec.ConfigurationEnable) != 0;

    private uint Status => (isReady ? NvmeSpec.StatusReady : 0)
        | (controller.IsFatal || isConfigurationRefused ? NvmeSpec.StatusFatal : 0)
        | shutdownStatus
        | (hasSubsystemReset ? NvmeSpec.StatusSubsystemResetOccurred : 0);

    internal override uint Read32(int offsetBytes)
    {
        faults?.BeforeRegister(RegisterAccess.Read, offsetBytes, 0);
        uint value = IsDecoded ? Read(offsetBytes) : uint.MaxValue;
        value = (uint)(faults?.OnRead(offsetBytes, sizeof(uint), value) ?? value);
        faults?.AfterRegister(RegisterAccess.Read, offsetBytes, value);
        return value;
    }

    internal override ulong Read64(int offsetBytes)
    {
        faults?.BeforeRegister(RegisterAccess.Read, offsetBytes, 0);
        ulong value = IsDecoded
            ? Read(offsetBytes) | ((ulong)Read(offsetBytes + 4) << 32)
            : ulong.MaxValue;
        value = faults?.OnRead(offsetBytes, sizeof(ulong), value) ?? value;
        faults?.AfterRegister(RegisterAccess.Read, offsetBytes, value);
        return value;
    }

    internal override void Write32(int offsetBytes, uint value)
    {
        faults?.BeforeRegister(RegisterAccess.Write, offsetBytes, value);
        if (IsDecoded && faults?.LosesWrite(offsetBytes, value) is not true)
        {
            Write(offsetBytes, value);
        }

        faults?.AfterRegister(RegisterAccess.Write, offsetBytes, value);
    }

    internal override void Write64(int offsetBytes, ulong value)
    {
        faults?.BeforeRegister(RegisterAccess.Write, offsetBytes, value);
        if (IsDecoded && faults?.LosesWrite(offsetBytes, value) is not true)
        {
            Write(offsetBytes, (uint)value);
            Write(offsetBytes + 4, (uint)(value >> 32));
        }

        faults?.AfterRegister(RegisterAccess.Write, offsetBytes, value);
    }

    /// <summary>Deferred mode: the changes of state that a driver has to wait for.</summary>
    /// <returns>Whether something changed.</returns>
    internal bool Advance()
    {
        bool hasChanged = false;
        if (IsEnabled != isReady && !isConfigurationRefused && (!IsEnabled || BecomesReady()))
        {
            CompleteEnableChange();
            hasChanged = true;
        }

        if (shutdownStatus == NvmeSpec.StatusShutdownOccurring)
        {
            CompleteShutdown();
            hasChanged = true;
        }

        return hasChanged;
    }

    /// <summary>The state after power-on, a function-level reset or a subsystem reset.</summary>
    internal void Reset()
    {
        controller.Stop();
        interruptMask = 0;
        controllerConfiguration = 0;
        queueAttributes = 0;
        submissionBase = 0;
        completionBase = 0;
        isReady = false;
        isConfigurationRefused = false;
        hasSubsystemReset = false;
        shutdownStatus = 0;
    }

    private uint Read(int offsetBytes) => offsetBytes switch
    {
        NvmeSpec.Capabilities => (uint)capabilities,
        NvmeSpec.Capabilities + 4 => (uint)(capabilities >> 32),
        NvmeSpec.Version => NvmeSpec.Version14,
        NvmeSpec.InterruptMaskSet or NvmeSpec.InterruptMaskClear => interruptMask,
        NvmeSpec.ControllerConfiguration => controllerConfiguration,
        NvmeSpec.ControllerStatus => Status,
        NvmeSpec.AdminQueueAttributes => queueAttributes,
        NvmeSpec.AdminSubmissionBase => (uint)submissionBase & ~0xFFFu,
        NvmeSpec.AdminSubmissionBase + 4 => (uint)(submissionBase >> 32),
        NvmeSpec.AdminCompletionBase => (uint)completionBase & ~0xFFFu,
        NvmeSpec.AdminCompletionBase + 4 => (uint)(completionBase >> 32),
        _ => 0,
    };

    private void Write(int offsetBytes, uint value)
    {
        if (offsetBytes >= NvmeSpec.FirstDoorbell)
        {
            int doorbell = (offsetBytes - NvmeSpec.FirstDoorbell) >> 2;
            if ((doorbell & 1) == 0)
            {
                controller.RingSubmission(doorbell >> 1, value & 0xFFFF);
            }
            else
            {
                controller.RingCompletion(doorbell >> 1, value & 0xFFFF);
            }

            return;
        }

        WriteController(offsetBytes, value);
    }

    private void WriteController(int offsetBytes, uint value)
    {
        switch (offsetBytes)
        {
            case NvmeSpec.InterruptMaskSet:
                interruptMask |= value;
                break;
            case NvmeSpec.InterruptMaskClear:
                interruptMask &= ~value;
                break;
            case NvmeSpec.ControllerConfiguration:
                Configure(value & NvmeSpec.ConfigurationWritable);
                break;
            case NvmeSpec.ControllerStatus:
                hasSubsystemReset &= (value & NvmeSpec.StatusSubsystemResetOccurred) == 0;
                break;
            case NvmeSpec.SubsystemReset when value == NvmeSpec.SubsystemResetSignature:
                Reset();
                hasSubsystemReset = true;
                break;
            case NvmeSpec.AdminQueueAttributes:
                queueAttributes = value & NvmeSpec.AdminQueueSizeMask;
                break;
            case NvmeSpec.AdminSubmissionBase:
                submissionBase = (submissionBase & ~(ulong)uint.MaxValue) | value;
                break;
            case NvmeSpec.AdminSubmissionBase + 4:
                submissionBase = (uint)submissionBase | ((ulong)value << 32);
                break;
            case NvmeSpec.AdminCompletionBase:
                completionBase = (completionBase & ~(ulong)uint.MaxValue) | value;
                break;
            case NvmeSpec.AdminCompletionBase + 4:
                completionBase = (uint)completionBase | ((ulong)value << 32);
                break;
        }
    }

    /// <summary>CC, section 3.1.5 and the reset procedures of section 7.3.</summary>
    private void Configure(uint value)
    {
        bool wasEnabled = IsEnabled;
        controllerConfiguration = value;
        controller.HasEntrySizes = ((value >> NvmeSpec.SubmissionEntrySizeShift) & 0xF) == NvmeSpec.SubmissionEntryShift
            && ((value >> NvmeSpec.CompletionEntrySizeShift) & 0xF) == NvmeSpec.CompletionEntryShift;
        if (wasEnabled && !IsEnabled)
        {
            // Work stops at once; only the acknowledgement takes time.
            controller.Stop();
            isConfigurationRefused = false;
            shutdownStatus = 0;
            interruptMask = 0;
        }

        if (wasEnabled != IsEnabled && !isDeferred && (!IsEnabled || BecomesReady()))
        {
            CompleteEnableChange();
        }

        NoteShutdown((value >> NvmeSpec.ShutdownNotificationShift) & NvmeSpec.ShutdownNotificationMask);
    }

    private bool BecomesReady() => faults is null || faults.BecomesReady;

    private void CompleteEnableChange()
    {
        if (!IsEnabled)
        {
            isReady = false;
            return;
        }

        int submissionSize = (int)(queueAttributes & 0xFFF) + 1;
        int completionSize = (int)(queueAttributes >> 16) + 1;
        isConfigurationRefused = submissionSize < 2 || completionSize < 2
            || ((submissionBase | completionBase) & 0xFFF) != 0
            || (controllerConfiguration & NvmeSpec.ConfigurationMustBeZero) != 0;
        if (!isConfigurationRefused)
        {
            controller.Start(submissionBase, submissionSize, completionBase, completionSize);
            isReady = true;
        }
    }

    /// <summary>CC.SHN, section 7.6.2. Both kinds of shutdown make the medium durable here.</summary>
    private void NoteShutdown(uint notification)
    {
        if (notification == 0)
        {
            shutdownStatus = 0;
        }
        else if (shutdownStatus == 0)
        {
            shutdownStatus = NvmeSpec.StatusShutdownOccurring;
            if (!isDeferred)
            {
                CompleteShutdown();
            }
        }
    }

    private void CompleteShutdown()
    {
        controller.Halt();
        _ = controller.Medium.Flush();
        shutdownStatus = NvmeSpec.StatusShutdownComplete;
    }
}
