namespace RedLeafSharp.Machine.Nvme;

/// <summary>Feature identifiers: NVMe 1.4 section 5.21.1.</summary>
internal enum Feature : byte
{
    Arbitration = 0x01,
    PowerManagement = 0x02,
    TemperatureThreshold = 0x04,
    ErrorRecovery = 0x05,
    VolatileWriteCache = 0x06,
    NumberOfQueues = 0x07,
    InterruptCoalescing = 0x08,
    InterruptVectorConfiguration = 0x09,
    WriteAtomicity = 0x0A,
    AsynchronousEventConfiguration = 0x0B,
}

/// <summary>
/// Get Features and Set Features (sections 5.15 and 5.21). No feature is saveable: all are at their defaults after a
/// controller reset.
/// </summary>
internal sealed class FeatureSet(NvmeController controller)
{
    private const uint SaveBit = 1u << 31;
    private const uint SelectDefault = 1;
    private const uint SelectSaved = 2;
    private const uint SelectCapabilities = 3;
    private const uint IsNamespaceSpecific = 1 << 1;
    private const uint IsChangeable = 1 << 2;
    private const uint ThresholdUnder = 1 << 20;
    private const uint VectorDisablesCoalescing = 1 << 16;
    private const uint BurstUnlimited = 7;

    private readonly uint[] values = new uint[(int)Feature.AsynchronousEventConfiguration + 1];
    private readonly uint[] vectorConfigurations = new uint[64];
    private uint underTemperature;

    /// <summary>Pairs of I/O queues that the host has been given.</summary>
    internal int SubmissionQueuesGranted => (int)(values[(int)Feature.NumberOfQueues] & 0xFFFF) + 1;

    /// <inheritdoc cref="SubmissionQueuesGranted"/>
    internal int CompletionQueuesGranted => (int)(values[(int)Feature.NumberOfQueues] >> 16) + 1;

    /// <summary>Commands fetched from one queue before the next one's turn.</summary>
    internal int ArbitrationBurst
    {
        get
        {
            uint burst = values[(int)Feature.Arbitration] & 7;
            return burst == BurstUnlimited ? int.MaxValue : 1 << (int)burst;
        }
    }

    internal bool IsWriteCacheEnabled => (values[(int)Feature.VolatileWriteCache] & 1) != 0;

    internal bool IsTooHot => HealthRecord.TemperatureKelvin >= values[(int)Feature.TemperatureThreshold]
        || HealthRecord.TemperatureKelvin <= underTemperature;

    internal void Reset()
    {
        for (int feature = 0; feature < values.Length; feature++)
        {
            values[feature] = Default((Feature)feature);
        }

        Array.Clear(vectorConfigurations);
        underTemperature = 0;
    }

    internal ushort Get(in SubmissionEntry entry, ref uint dword0)
    {
        var feature = (Feature)(byte)entry.Dword10;
        uint select = (entry.Dword10 >> 8) & 7;
        if (!IsSupported(feature) || select > SelectCapabilities)
        {
            return NvmeStatus.InvalidField;
        }

        if (feature == Feature.ErrorRecovery && entry.NamespaceId != 1)
        {
            return NvmeStatus.InvalidNamespace;
        }

        if (feature == Feature.InterruptVectorConfiguration && (entry.Dword11 & 0xFFFF) >= (uint)controller.VectorCount)
        {
            return NvmeStatus.InvalidField;
        }

        dword0 = select switch
        {
            SelectCapabilities => Capabilities(feature),
            SelectDefault or SelectSaved => DefaultOf(feature, entry.Dword11),
            _ => Current(feature, entry.Dword11),
        };
        return NvmeStatus.Success;
    }

    internal ushort Set(in SubmissionEntry entry, ref uint dword0)
    {
        var feature = (Feature)(byte)entry.Dword10;
        if (!IsSupported(feature))
        {
            return NvmeStatus.InvalidField;
        }

        if ((entry.Dword10 & SaveBit) != 0)
        {
            return NvmeStatus.FeatureNotSaveable;
        }

        if (feature != Feature.ErrorRecovery && entry.NamespaceId is not (0 or NvmeSpec.AllNamespaces))
        {
            return entry.NamespaceId == 1 ? NvmeStatus.FeatureNotNamespaceSpecific : NvmeStatus.InvalidNamespace;
        }

        return Change(feature, in entry, ref dword0);
    }

    private static uint Capabilities(Feature feature) =>
        (feature == Feature.ErrorRecovery ? IsNamespaceSpecific : 0) | IsChangeable;

    private bool IsSupported(Feature feature) => feature switch
    {
        Feature.VolatileWriteCache => controller.Medium.HasVolatileCache,
        Feature.Arbitration or Feature.PowerManagement => true,
        >= Feature.TemperatureThreshold and <= Feature.AsynchronousEventConfiguration => true,
        _ => false,
    };

    private ushort Change(Feature feature, in SubmissionEntry entry, ref uint dword0)
    {
        uint value = entry.Dword11;
        switch (feature)
        {
            case Feature.NumberOfQueues:
                return GrantQueues(value, ref dword0);
            case Feature.TemperatureThreshold:
                return SetTemperature(value);
            case Feature.PowerManagement when (value & 0x1F) != 0:
                return NvmeStatus.InvalidField;
            case Feature.InterruptVectorConfiguration when (value & 0xFFFF) >= (uint)controller.VectorCount:
                return NvmeStatus.InvalidField;
            case Feature.InterruptVectorConfiguration:
                vectorConfigurations[value & 0xFFFF] = value & VectorDisablesCoalescing;
                return NvmeStatus.Success;
            case Feature.ErrorRecovery when entry.NamespaceId is not (1 or NvmeSpec.AllNamespaces):
                return NvmeStatus.InvalidNamespace;
            case Feature.VolatileWriteCache when (value & 1) == 0 && controller.Medium.Flush() != Media.MediumResult.Ok:
                return NvmeStatus.WriteFault;
            default:
                values[(int)feature] = value & ValidBits(feature);
                return NvmeStatus.Success;
        }
    }

    private static uint ValidBits(Feature feature) => feature switch
    {
        Feature.Arbitration => 0xFFFF_FF07,
        Feature.PowerManagement => 0xFF,
        Feature.VolatileWriteCache or Feature.WriteAtomicity => 1,
        Feature.ErrorRecovery => 0x1_FFFF,
        Feature.InterruptCoalescing => 0xFFFF,
        _ => uint.MaxValue,
    };

    /// <summary>Section 5.21.1.7: counts from 0; FFFFh is illegal; only before the first I/O queue is created.</summary>
    private ushort GrantQueues(uint value, ref uint dword0)
    {
        uint submission = value & 0xFFFF;
        uint completion = value >> 16;
        if (submission == 0xFFFF || completion == 0xFFFF)
        {
            return NvmeStatus.InvalidField;
        }

        for (int id = 1; id < controller.CompletionQueues.Length; id++)
        {
            if (controller.CompletionQueues[id] is not null || controller.SubmissionQueues[id] is not null)
            {
                return NvmeStatus.CommandSequenceError;
            }
        }

        uint last = (uint)controller.Options.QueuePairsMax - 1;
        dword0 = Math.Min(submission, last) | (Math.Min(completion, last) << 16);
        values[(int)Feature.NumberOfQueues] = dword0;
        return NvmeStatus.Success;
    }

    /// <summary>Section 5.21.1.4: there is the composite temperature (sensor 0) only; Fh means every sensor.</summary>
    private ushort SetTemperature(uint value)
    {
        uint sensor = (value >> 16) & 0xF;
        uint type = (value >> 20) & 3;
        if (sensor is not (0 or 0xF) || type > 1)
        {
            return NvmeStatus.InvalidField;
        }

        if ((value & ThresholdUnder) != 0)
        {
            underTemperature = value & 0xFFFF;
        }
        else
        {
            values[(int)Feature.TemperatureThreshold] = value & 0xFFFF;
        }

        if (IsTooHot && (values[(int)Feature.AsynchronousEventConfiguration] & (1 << 1)) != 0)
        {
            controller.Events.Raise(AsynchronousEvent.TemperatureThreshold);
        }

        return NvmeStatus.Success;
    }

    private uint Current(Feature feature, uint dword11) => feature switch
    {
        Feature.InterruptVectorConfiguration => (dword11 & 0xFFFF) | vectorConfigurations[dword11 & 0xFFFF],
        Feature.TemperatureThreshold when (dword11 & ThresholdUnder) != 0 => underTemperature,
        _ => values[(int)feature],
    };

    private uint DefaultOf(Feature feature, uint dword11) => feature switch
    {
        Feature.InterruptVectorConfiguration => dword11 & 0xFFFF,
        Feature.TemperatureThreshold when (dword11 & ThresholdUnder) != 0 => 0,
        _ => Default(feature),
    };

    private uint Default(Feature feature) => feature switch
    {
        Feature.TemperatureThreshold => IdentifyPages.WarningTemperatureKelvin,
        Feature.VolatileWriteCache => 1,
        Feature.NumberOfQueues => (uint)(controller.Options.QueuePairsMax - 1) * 0x1_0001,
        _ => 0,
    };
}
