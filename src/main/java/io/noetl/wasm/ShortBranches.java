package io.noetl.wasm;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Shortens what the engine's compiler writes: a comparison that is followed by a branch becomes the
 * branch. The compiler calls a method for each comparison; all modules share it, so its profile
 * says nothing about this branch, and the JIT takes a loop that ends by one for something else than
 * a counted loop. Three bytes instead of six also keep methods below what the JIT compiles.
 *
 * <p>Pure: the meaning of the code does not change.
 */
final class ShortBranches {
  /** Part of every cache key. */
  static final String VERSION = "branches-1";

  private static final String OPERATIONS = "run/endive/runtime/OpcodeImpl";

  /** By comparison: the branch that is taken when it holds. */
  private static final Map<String, Opcode> TAKEN =
      Map.of(
          "I32_EQZ", Opcode.IFEQ,
          "I32_EQ", Opcode.IF_ICMPEQ,
          "I32_NE", Opcode.IF_ICMPNE,
          "I32_LT_S", Opcode.IF_ICMPLT,
          "I32_GT_S", Opcode.IF_ICMPGT,
          "I32_LE_S", Opcode.IF_ICMPLE,
          "I32_GE_S", Opcode.IF_ICMPGE);

  /** By branch: the one that is taken when it is not. */
  private static final Map<Opcode, Opcode> OPPOSITE =
      Map.of(
          Opcode.IFEQ, Opcode.IFNE,
          Opcode.IF_ICMPEQ, Opcode.IF_ICMPNE,
          Opcode.IF_ICMPNE, Opcode.IF_ICMPEQ,
          Opcode.IF_ICMPLT, Opcode.IF_ICMPGE,
          Opcode.IF_ICMPGT, Opcode.IF_ICMPLE,
          Opcode.IF_ICMPLE, Opcode.IF_ICMPGT,
          Opcode.IF_ICMPGE, Opcode.IF_ICMPLT);

  private ShortBranches() {}

  /**
   * @param jar classes that the engine's compiler made
   * @return the same with shorter branches; the same bytes for the same bytes
   */
  static byte[] in(byte[] jar) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(jar.length);
    try (ZipInputStream entries = new ZipInputStream(new ByteArrayInputStream(jar));
        ZipOutputStream shorter = new ZipOutputStream(out)) {
      ZipEntry entry;
      while ((entry = entries.getNextEntry()) != null) {
        ZipEntry copy = new ZipEntry(entry.getName());
        // Else the moment of the translation would be part of the bytes.
        copy.setTime(0);
        shorter.putNextEntry(copy);
        byte[] content = entries.readAllBytes();
        shorter.write(entry.getName().contains("FuncGroup") ? inClass(content) : content);
        shorter.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Expected to read bytes in memory", e);
    }
    return out.toByteArray();
  }

  private static byte[] inClass(byte[] bytes) {
    ClassFile classFile = ClassFile.of();
    return classFile.transformClass(
        classFile.parse(bytes),
        ClassTransform.transformingMethodBodies(CodeTransform.ofStateful(Fusing::new)));
  }

  /** Holds a comparison back until it is known what follows. */
  private static final class Fusing implements CodeTransform {
    private @Nullable InvokeInstruction comparison;

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      InvokeInstruction held = comparison;
      comparison = null;
      if (held != null
          && element instanceof BranchInstruction branch
          && (branch.opcode() == Opcode.IFNE || branch.opcode() == Opcode.IFEQ)) {
        Opcode taken = taken(held);
        code.branch(
            branch.opcode() == Opcode.IFNE ? taken : OPPOSITE.getOrDefault(taken, taken),
            branch.target());
        return;
      }
      if (held != null) {
        code.with(held);
      }
      if (element instanceof InvokeInstruction call
          && call.opcode() == Opcode.INVOKESTATIC
          && call.owner().asInternalName().equals(OPERATIONS)
          && TAKEN.containsKey(call.name().stringValue())) {
        comparison = call;
      } else {
        code.with(element);
      }
    }

    @Override
    public void atEnd(CodeBuilder code) {
      if (comparison != null) {
        code.with(comparison);
      }
    }

    private static Opcode taken(InvokeInstruction comparison) {
      return TAKEN.getOrDefault(comparison.name().stringValue(), Opcode.NOP);
    }
  }
}
