using System.Globalization;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Kernel.Boot;

/// <summary>A device of the machine.</summary>
/// <param name="Name">How domains refer to it.</param>
/// <param name="Model">The kind of device.</param>
internal sealed record DeviceDescription(string Name, string Model)
{
    private const string SimulatedDisk = "nvme";
    private const string QemuDisk = "qemu-nvme";
    private const string NetworkController = "e1000e";

    /// <summary>Bytes in a logical block of a disk.</summary>
    internal int BlockBytes { get; private init; } = 512;

    /// <summary>Whether a disk carries its commands out later.</summary>
    internal bool IsDeferred { get; private init; }

    /// <summary>The wire of a network controller; null for a disk.</summary>
    internal LinkDescription? Link { get; private init; }

    /// <summary>The station address of a network controller; 0 for one that follows from its place.</summary>
    internal ulong Station { get; private init; }

    /// <summary>Whether QEMU's controller is meant, not the simulated one.</summary>
    internal bool IsQemus => Model == QemuDisk;

    internal bool IsNetwork => Model == NetworkController;

    internal DeviceDescription OnQemu() => IsNetwork ? this : this with { Model = QemuDisk };

    /// <summary>A network controller that the command line asks for.</summary>
    internal static DeviceDescription ForNetwork(string name, LinkDescription link) => new(name, NetworkController) { Link = link };

    internal static DeviceDescription Parse(YamlFields fields)
    {
        var device = new DeviceDescription(fields.Text("name"), fields.Text("model"));
        device = device.Model switch
        {
            SimulatedDisk or QemuDisk => device.WithDisk(fields),
            NetworkController => device with { Link = LinkDescription.Parse(fields), Station = ParseStation(fields) },
            _ => throw fields.Error(
                $"device '{device.Name}': the model '{device.Model}' is unknown; known: {SimulatedDisk}, {QemuDisk}, {NetworkController}"),
        };
        fields.RefuseOthers();
        return device;
    }

    private static ulong ParseStation(YamlFields fields) => fields.OptionalText("address") switch
    {
        null => 0,
        string text when TryParseStation(text, out MacAddress station) && !station.IsMulticast && station.Value != 0 => station.Value,
        string text => throw fields.Error($"'{text}' is no address of a station; write one as 02:52:4c:00:00:01"),
    };

    private static bool TryParseStation(string text, out MacAddress station)
    {
        string[] parts = text.Split(':');
        byte[] bytes = new byte[MacAddress.LengthBytes];
        bool isParsed = parts.Length == bytes.Length;
        for (int index = 0; isParsed && index < bytes.Length; index++)
        {
            isParsed = parts[index].Length == 2
                && byte.TryParse(parts[index], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[index]);
        }

        station = MacAddress.From(bytes);
        return isParsed;
    }

    private DeviceDescription WithDisk(YamlFields fields)
    {
        int blockBytes = (int)fields.Number("blockBytes", 512, 512, 4096);
        bool isDeferred = (fields.OptionalText("completion") ?? "immediate") switch
        {
            "immediate" => false,
            "deferred" => true,
            string other => throw fields.Error($"'completion' is 'immediate' or 'deferred', not '{other}'"),
        };
        return blockBytes is 512 or 4096
            ? this with { BlockBytes = blockBytes, IsDeferred = isDeferred }
            : throw fields.Error($"device '{Name}': 'blockBytes' must be 512 or 4096");
    }
}
