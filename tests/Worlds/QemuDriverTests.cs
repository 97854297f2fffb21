using System.Globalization;
using System.Reflection;
using RedLeafSharp.Contracts;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Tests.BlockDevices;
using RedLeafSharp.Tests.Drivers;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Worlds;

/// <summary>The driver on QEMU's controller: the same code, an outside device.</summary>
public class QemuDriverTests
{
    private static readonly NvmeDescription Disk = new() { Name = "disk0", MemoryBytes = 16 << 20 };

    /// <summary>QEMU's machine has no IOMMU: what a window forbids, its controller does.</summary>
    private static readonly string[] NeedIommu =
    [
        nameof(BlockDeviceContractTests.Page_ThatIsNotLent_CompletesWithTransferError),
        nameof(BlockDeviceContractTests.Page_LentForTheOtherDirection_CompletesWithTransferError),
    ];

    /// <summary>The cases of the block device contract: xunit cannot skip inherited ones where QEMU is missing.</summary>
    public static TheoryData<string, object[]> ContractCases
    {
        get
        {
            var cases = new TheoryData<string, object[]>();
            foreach (MethodInfo method in typeof(BlockDeviceContractTests).GetMethods().Where(one => !NeedIommu.Contains(one.Name)))
            {
                IEnumerable<object[]> data = method.GetCustomAttribute<TheoryAttribute>() is not null
                    ? method.GetCustomAttributes<InlineDataAttribute>().SelectMany(inline => inline.GetData(method))
                    : method.GetCustomAttribute<FactAttribute>() is not null ? [[]] : [];
                foreach (object[] arguments in data)
                {
                    cases.Add(method.Name, arguments);
                }
            }

            return cases;
        }
    }

    [TheoryNeeding(Need.Qemu)]
    [MemberData(nameof(ContractCases))]
    public void Driver_OnQemu_KeepsTheContract(string method, object[] arguments) => Run(Disk, method, arguments);

    [TheoryNeeding(Need.Qemu)]
    [MemberData(nameof(ContractCases))]
    public void Driver_OnQemuWithLargeBlocks_KeepsTheContract(string method, object[] arguments) =>
        Run(Disk with { BlockBytes = 4096 }, method, arguments);

    [FactNeeding(Need.Qemu)]
    public void Driver_OfTheNextGeneration_FindsWhatTheLastHasWritten()
    {
        using var rig = new NvmeRig((heap, scheduler) => new QemuWorld(heap, scheduler, Disk));
        byte[] data = BlockDeviceContractTests.Pattern(40 * 512, 7);
        for (int generation = 0; generation < 5; generation++)
        {
            using BlockDeviceRig client = rig.Started().Client();
            Assert.True(generation == 0 || client.Read(11, 40).AsSpan().SequenceEqual(data));
            Assert.Equal(BlockError.None, client.Write(11, data));
            Lent lent = client.Lend(data, LoanAccess.DeviceWrites);
            client.Device.Submit(client.Context, [client.Request(BlockOperation.Read, 11, 40, lent.Pages.Length)], lent.Pages);
            rig.Bury();
            client.Return(lent, 0);
        }
    }

    [FactNeeding(Need.Qemu)]
    public void Driver_UnderThousandsOfRandomRequests_LosesNone()
    {
        using var rig = new NvmeRig((heap, scheduler) => new QemuWorld(heap, scheduler, Disk));
        using BlockDeviceRig client = rig.Started().Client();
        var workload = new RandomBlockWorkload(client, seed: 5);
        workload.Run(5000);
        Assert.Equal(5000, workload.CompletedCount);
        Assert.True(rig.Stop().IsOk);
    }

    [FactNeeding(Need.Qemu)]
    public void Driver_WhoseQemuDies_GivesTheDeviceUp()
    {
        QemuWorld? world = null;
        using var rig = new NvmeRig((heap, scheduler) => world = new QemuWorld(heap, scheduler, Disk));
        rig.Settings["timeoutMicros"] = 20_000L;
        using BlockDeviceRig client = rig.Started().Client();
        world!.Kill();
        Lent lent = client.Lend(new byte[512], LoanAccess.DeviceWrites);
        BlockError error = client.Run(client.Request(BlockOperation.Read, 0, 1, 1), lent.Pages);
        Assert.Equal(BlockError.DeviceFailed, error);
        client.Return(lent, 0);
    }

    private static void Run(NvmeDescription disk, string method, object[] arguments)
    {
        MethodInfo test = typeof(BlockDeviceContractTests).GetMethod(method)!;
        object[] converted = [.. test.GetParameters().Select(parameter =>
            Convert.ChangeType(arguments[parameter.Position], parameter.ParameterType, CultureInfo.InvariantCulture))];
        test.Invoke(new Contract(disk), BindingFlags.DoNotWrapExceptions, null, converted, null);
    }

    private sealed class Contract(NvmeDescription disk) : BlockDeviceContractTests
    {
        internal override BlockDeviceRig CreateRig() =>
            new NvmeRig((heap, scheduler) => new QemuWorld(heap, scheduler, disk)).Started().Client(ownsRig: true);
    }
}
