using RedLeafSharp.Devices;
using RedLeafSharp.Machine.Nvme;
using RedLeafSharp.Machine.Worlds;
using RedLeafSharp.Tests.Drivers;

namespace RedLeafSharp.Tests.Worlds;

/// <summary>Another world, whose driver crashes where a test says: at accesses of its function's registers.</summary>
internal sealed class FaultyWorld(World inner, ScriptedFaults faults) : World
{
    internal override IReadOnlyList<WorldFunction> Functions { get; } =
        [.. inner.Functions.Select(one => one with { Backend = new Function(one.Backend, faults) })];

    internal override bool Step() => inner.Step();

    public override void Dispose() => inner.Dispose();

    private sealed class Function(IPciFunctionBackend inner, ScriptedFaults faults) : IPciFunctionBackend
    {
        public int VectorCount => inner.VectorCount;

        public uint ReadConfiguration(int offsetBytes) => inner.ReadConfiguration(offsetBytes);

        public void WriteConfiguration(int offsetBytes, uint value) => inner.WriteConfiguration(offsetBytes, value);

        public RegisterBank? GetBar(int index) => inner.GetBar(index) is { } bar ? new Registers(bar, faults) : null;

        public KernelEvent GetInterrupt(int vector) => inner.GetInterrupt(vector);

        public void Reset() => inner.Reset();
    }

    private sealed class Registers(RegisterBank inner, ScriptedFaults faults) : RegisterBank
    {
        internal override int LengthBytes => inner.LengthBytes;

        internal override uint Read32(int offsetBytes) => (uint)Access(RegisterAccess.Read, offsetBytes, 0, () => inner.Read32(offsetBytes));

        internal override ulong Read64(int offsetBytes) => Access(RegisterAccess.Read, offsetBytes, 0, () => inner.Read64(offsetBytes));

        internal override void Write32(int offsetBytes, uint value) => Access(RegisterAccess.Write, offsetBytes, value, () =>
        {
            inner.Write32(offsetBytes, value);
            return 0;
        });

        internal override void Write64(int offsetBytes, ulong value) => Access(RegisterAccess.Write, offsetBytes, value, () =>
        {
            inner.Write64(offsetBytes, value);
            return 0;
        });

        private ulong Access(RegisterAccess access, int offsetBytes, ulong value, Func<ulong> carryOut)
        {
            faults.BeforeRegister(access, offsetBytes, value);
            ulong result = carryOut();
            faults.AfterRegister(access, offsetBytes, value);
            return result;
        }
    }
}
