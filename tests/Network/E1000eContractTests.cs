using System.Globalization;
using System.Reflection;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Network;

/// <summary>The driver on the simulated controller.</summary>
public class E1000eContractTests : NetDeviceContractTests
{
    internal override NetClient CreateClient(params (string Name, object Value)[] settings)
    {
        var rig = new NetRig();
        Configure(rig, settings);
        return rig.Started().Client();
    }

    internal static void Configure(NetRig rig, (string Name, object Value)[] settings)
    {
        foreach ((string name, object value) in settings)
        {
            rig.Settings[name] = value;
        }
    }
}

/// <summary>The driver on QEMU's controller: the same code, an outside device.</summary>
public class QemuE1000eTests
{
    /// <summary>
    /// QEMU 7.2 cuts TCP payload by fragmenting the IP packet when its backend takes no virtio-net header: its frames cannot
    /// be right, whatever the driver has asked for.
    /// </summary>
    private static readonly string[] NeedSegmentation =
    [
        nameof(NetDeviceContractTests.Payload_ThatIsToBeCut_ArrivesAsRightSegments),
    ];

    /// <summary>The cases of the contract: xunit cannot skip inherited ones where QEMU is missing.</summary>
    public static TheoryData<string, object[]> ContractCases
    {
        get
        {
            var cases = new TheoryData<string, object[]>();
            foreach (MethodInfo method in typeof(NetDeviceContractTests).GetMethods().Where(one => !NeedSegmentation.Contains(one.Name)))
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
    public void Driver_OnQemu_KeepsTheContract(string method, object[] arguments)
    {
        MethodInfo test = typeof(NetDeviceContractTests).GetMethod(method)!;
        object[] converted = [.. test.GetParameters().Select(parameter => parameter.ParameterType.IsEnum
            ? Enum.ToObject(parameter.ParameterType, arguments[parameter.Position])
            : Convert.ChangeType(arguments[parameter.Position], parameter.ParameterType, CultureInfo.InvariantCulture))];
        test.Invoke(new Contract(), BindingFlags.DoNotWrapExceptions, null, converted, null);
    }

    private sealed class Contract : NetDeviceContractTests
    {
        internal override NetClient CreateClient(params (string Name, object Value)[] settings)
        {
            NetRig rig = NetRig.OnQemu();
            E1000eContractTests.Configure(rig, settings);
            return rig.Started().Client();
        }
    }
}
